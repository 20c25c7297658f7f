// SPDX-License-Identifier: MIT

// Command tester receives a mail and says how a strict receiver sees it: as a
// server with pages and an API, for one message file, or around a script.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes are the contract's; scripts rely on them.
const (
	exitOK         = 0
	exitThreshold  = 1 // a threshold does not hold
	exitUsage      = 2 // wrong usage, unreadable input, cannot start
	exitNoMessage  = 3 // no message within the timeout
	exitNoVerdict  = 4 // the analysis could not be done, or is provisional
	exitCmdFailed  = 5 // the command given to run failed
	programSummary = "Sends you an address, receives the mail you send to it, and shows what a strict receiver sees: a score out of 10 with the reason for every tenth and the exact record that mends it."
)

// commands is the command line: one field a command, one file each.
type commands struct {
	Serve   serveCmd       `cmd:"" help:"The server: SMTP in, web and API out, store on disk."`
	Demo    demoCmd        `cmd:"" help:"The whole server, hermetic: every example mail sent to itself, pages left running."`
	Analyze analyzeCmd     `cmd:"" help:"One raw message to a report, without a server."`
	New     newCmd         `cmd:"" help:"Make a test on a server and print its address."`
	Wait    waitCmd        `cmd:"" help:"Wait for the report of a test on a server."`
	Run     runCmd         `cmd:"" help:"Run a command that sends a mail to a fresh address, and judge the mail."`
	Domain  laterCmd       `cmd:"" hidden:"" help:"Check-up of a domain (not available yet)."`
	IP      laterCmd       `cmd:"" name:"ip" hidden:"" help:"Check-up of an address (not available yet)."`
	SPF     laterCmd       `cmd:"" name:"spf" hidden:"" help:"Explain an SPF record (not available yet)."`
	DKIM    laterCmd       `cmd:"" name:"dkim" hidden:"" help:"Explain a DKIM record (not available yet)."`
	DMARC   laterCmd       `cmd:"" name:"dmarc" hidden:"" help:"Explain a DMARC record (not available yet)."`
	Explain laterCmd       `cmd:"" hidden:"" help:"Explain an SMTP error (not available yet)."`
	Health  healthcheckCmd `cmd:"" name:"healthcheck" hidden:"" help:"Ask the server on this machine whether it is well (for containers)."`
	Version versionCmd     `cmd:"" help:"Version, commit, Go version and scoring version."`
}

// std is where a command reads and writes: the report alone goes to out, all
// that is for people beside it to err.
type std struct {
	in       io.Reader
	out, err io.Writer
}

// failure is an error with the exit code that it means.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func exitWith(code int, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exited carries kong's own wish to end (--help) out of Parse.
type exited int

// run is the program: its exit code is the contract's.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(exited)
			if !ok {
				panic(p)
			}
			code = int(e)
		}
	}()
	var cmds commands
	parser, err := newParser(&cmds, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "tester:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "tester: %v\nTry \"tester --help\".\n", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return finish(parsed.Run(&std{stdin, stdout, stderr}), stderr)
}

// newParser reads command lines into cmds.
func newParser(cmds *commands, stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(cmds,
		kong.Name("tester"), kong.Description(programSummary), kong.UsageOnError(),
		kong.DefaultEnvars("TESTER"), kong.Configuration(loadConfig), kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { panic(exited(c)) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// finish turns what a command returned into an exit code and a line on stderr.
func finish(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(stderr, "tester: %v\n", err)
	if f := (*failure)(nil); errors.As(err, &f) {
		return f.code
	}
	return exitUsage
}
