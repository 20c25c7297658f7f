// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// letter is a mail with what clients get wrong: lines that begin with dots,
// 8-bit text, a long line, spaces at line ends, blank lines at the end. It has
// all the fields that clients add of themselves when they are not there.
func letter(to string) []byte {
	return []byte(strings.ReplaceAll("From: Anna Berg <anna@clients.example>\n"+
		"To: <"+to+">\n"+
		"Subject: Dots and ends\n"+
		"Date: "+time.Now().Format(time.RFC1123Z)+"\n"+
		"Message-ID: <dots.1@clients.example>\n"+
		"MIME-Version: 1.0\n"+
		"Content-Type: text/plain; charset=utf-8\n"+
		"Content-Transfer-Encoding: 8bit\n"+
		"X-Folded: one\n\ttwo\n"+
		"\n"+
		".\n..\n.dot in front\ntrailing space \ntab\t\nGrüße – 你好\n"+
		strings.Repeat("0123456789", 90)+"\n"+
		"\nlast line\n\n\n", "\n", "\r\n"))
}

// sending is one mail client: how it is told to send the mail in file.
type sending struct{ host, port, to, file string }

// mailClients are the programs, each with the way in which it sends octets as
// they are. None of them adds anything to a mail that has all its fields.
var mailClients = []struct {
	name string
	text bool // reads text files: lines end in LF there, and in CRLF on the wire
	args func(s sending) []string
}{
	{"swaks", false, func(s sending) []string {
		return []string{"swaks", "--server", s.host, "--port", s.port, "--helo", "client.example", "--from", "anna@clients.example",
			"--to", s.to, "--data", "@" + s.file, "--no-data-fixup", "--suppress-data"}
	}},
	{"curl", false, func(s sending) []string {
		return []string{"curl", "--silent", "--show-error", "--mail-from", "anna@clients.example", "--mail-rcpt", s.to,
			"--upload-file", s.file, "smtp://" + net.JoinHostPort(s.host, s.port) + "/client.example"}
	}},
	{"python3", false, func(s sending) []string {
		const script = `import smtplib, sys
host, port, to, path = sys.argv[1:]
with smtplib.SMTP(host, int(port), local_hostname="client.example") as server:
    server.starttls()
    server.sendmail("anna@clients.example", [to], open(path, "rb").read(), ["BODY=8BITMIME"])
`
		return []string{"python3", "-c", script, s.host, s.port, s.to, s.file}
	}},
	{"msmtp", true, func(s sending) []string {
		return []string{"msmtp", "--file=/dev/null", "--host=" + s.host, "--port=" + s.port, "--domain=client.example",
			"--from=anna@clients.example", "--", s.to}
	}},
}

func TestClientsDeliver(t *testing.T) {
	t.Parallel()
	p := serving(t, filepath.Join(t.TempDir(), "data"))
	host, port, err := net.SplitHostPort(p.smtp)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range mailClients {
		t.Run(c.name, func(t *testing.T) {
			tool(t, c.name)
			test := p.test(t)
			mail := letter(test.Address)
			onDisk := mail
			if c.text {
				onDisk = bytes.ReplaceAll(mail, []byte("\r\n"), []byte("\n"))
			}
			if c.name == "swaks" { // sends its input as DATA, so it has to be fit for that
				onDisk = append(bytes.ReplaceAll(mail, []byte("\r\n."), []byte("\r\n..")), ".\r\n"...)
			}
			s := sending{host: host, port: port, to: test.Address, file: write(t, "mail.eml", string(onDisk))}
			args := c.args(s)
			cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
			cmd.Stdin = bytes.NewReader(onDisk)
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir()) // no settings of whoever runs the test
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			same(t, p.raw(t, test.ID, "1"), mail)
			p.report(t, test.ID)
		})
	}
}

// same compares octets and shows the first that differ.
func same(t *testing.T, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	t.Errorf("%d octets, want %d; from octet %d on: %.80q, want %.80q", len(got), len(want), i, got[i:], want[i:])
}
