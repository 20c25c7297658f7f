// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mailproof/render"
)

// Received is the one field that Postfix adds to a mail it relays; the milter
// puts DKIM-Signature above that.
var (
	received  = regexp.MustCompile(`\AReceived: from client\.example (?:.*\r\n)(?:[ \t].*\r\n)+`)
	signature = regexp.MustCompile(`\ADKIM-Signature: (?:.*\r\n)(?:[ \t].*\r\n)+`)
)

func TestPostfixDelivers(t *testing.T) {
	t.Parallel()
	p := serving(t, filepath.Join(t.TempDir(), "data"))
	relay := postfix(t, p.smtp, "")
	test := p.test(t)
	mail := letter(test.Address)
	submit(t, relay, test.Address, mail)
	p.report(t, test.ID)
	got := p.raw(t, test.ID, "1")
	same(t, got[len(received.Find(got)):], mail)
}

// The key is in the zone that serve and analyze read: what opendkim signs must
// verify, and must not once an octet of it is another.
func TestPostfixWithOpenDKIM(t *testing.T) {
	t.Parallel()
	milter, zone := opendkim(t)
	p := serving(t, filepath.Join(t.TempDir(), "data"), "--zone", zone)
	relay := postfix(t, p.smtp, milter)
	test := p.test(t)
	mail := letter(test.Address)
	submit(t, relay, test.Address, mail)
	rep := p.report(t, test.ID).Report
	if v := verdicts(rep); v != "pass" {
		t.Errorf("the signature of opendkim: %q, want pass", v)
	}
	got := p.raw(t, test.ID, "1")
	rest := got[len(signature.Find(got)):]
	same(t, rest[len(received.Find(rest)):], mail)

	if v := verdicts(analyzed(t, got, zone)); v != "pass" {
		t.Errorf("analyze finds %q, want pass", v)
	}
	changed := bytes.Replace(got, []byte("last line"), []byte("last lime"), 1)
	if v := verdicts(analyzed(t, changed, zone)); v != "fail" {
		t.Errorf("with one octet changed, analyze finds %q, want fail", v)
	}
}

// verdicts are the results of all DKIM signatures.
func verdicts(d *render.Document) string {
	data, err := json.Marshal(d)
	if err != nil {
		return err.Error()
	}
	var doc struct {
		Authentication struct {
			DKIM []struct{ Result string }
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err.Error()
	}
	var all []string
	for _, s := range doc.Authentication.DKIM {
		all = append(all, s.Result)
	}
	return strings.Join(all, " ")
}

// analyzed is the report of tester analyze on a message.
func analyzed(t *testing.T, mail []byte, zone string) *render.Document {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), "analyze", "--zone", zone, "--format", "json", "-")
	cmd.Stdin = bytes.NewReader(mail)
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var d render.Document
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatal(err)
	}
	return &d
}

// submit gives a mail to the relay.
func submit(t *testing.T, relay, to string, mail []byte) {
	t.Helper()
	c, err := smtp.Dial(relay)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Hello("client.example"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []error{c.Mail("anna@clients.example"), c.Rcpt(to)} {
		if step != nil {
			t.Fatal(step)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(mail); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// postfixMain is a Postfix that relays all it gets on loopback to one host,
// asks no DNS and has nothing outside its own directory.
const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.clients.example
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [%[2]s]:%[3]s
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = may
smtpd_milters = %[4]s
milter_default_action = tempfail
`

const postfixMaster = `%s inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// postfix starts a Postfix of our own and returns where it takes mail.
func postfix(t *testing.T, to, milter string) string {
	t.Helper()
	root(t)
	path := tool(t, "postfix")
	dir := openDir(t)
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		t.Fatal(err)
	}
	listen := freePort(t)
	for name, text := range map[string]string{
		"main.cf":   fmt.Sprintf(postfixMain, dir, host, port, milter),
		"master.cf": fmt.Sprintf(postfixMaster, listen),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	own(t, filepath.Join(dir, "data"), "postfix")
	daemon(t, listen, exec.Command(path, "-c", dir, "start-fg"))
	t.Cleanup(func() { // its master has a session of its own, no signal of ours to the group finds it
		if out, err := exec.Command(path, "-c", dir, "stop").CombinedOutput(); err != nil {
			t.Errorf("postfix stop: %v\n%s", err, out)
		}
	})
	return listen
}

// own gives a directory to a user of the machine.
func own(t *testing.T, dir, name string) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
}

// opendkim starts a signer with a key of its own. It returns its address as a
// milter, and a zone file with the key.
func opendkim(t *testing.T) (milter, zone string) {
	t.Helper()
	path := tool(t, "opendkim")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	p := base64.StdEncoding.EncodeToString(public)
	zone = write(t, "key.zone", fmt.Sprintf("$TTL 60\nodk._domainkey.clients.example. TXT \"v=DKIM1; k=rsa; p=%s\" %q\n", p[:200], p[200:]))
	listen := freePort(t)
	host, port, _ := net.SplitHostPort(listen)
	conf := write(t, "opendkim.conf", fmt.Sprintf("Mode s\nDomain clients.example\nSelector odk\nKeyFile %s\nSocket inet:%s@%s\nCanonicalization relaxed/simple\nRequireSafeKeys no\n",
		write(t, "odk.private", string(private)), port, host))
	daemon(t, listen, exec.Command(path, "-f", "-x", conf))
	return "inet:" + listen, zone
}

// openDir is a temporary directory that other users can enter too, as the
// daemons of Postfix do. Postfix makes files there as the user it likes.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; strings.HasPrefix(d, os.TempDir()+"/"); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// freePort is an address on loopback that was free a moment ago: for programs
// that cannot choose a port themselves and say which.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// daemon runs a server until the end of the test and waits until it listens.
func daemon(t *testing.T, listen string, cmd *exec.Cmd) {
	t.Helper()
	log := &buffer{}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", cmd.Args, log)
		}
	})
	eventually(t, fmt.Sprintf("%s listens: %s", cmd.Path, log), startBy, func() bool {
		c, err := (&net.Dialer{}).DialContext(context.WithoutCancel(t.Context()), "tcp", listen)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
}
