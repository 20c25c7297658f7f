// SPDX-License-Identifier: MIT

// Command mailer stands for the program that sends the real mail: it delivers
// the perfect fixture to a server of ours, which must take the PROXY protocol
// from loopback.
//
//	mailer zone                                prints the DNS that the mail is true in
//	mailer send HOST:PORT ADDRESS [CLIENT-IP]
//
// With CLIENT-IP the mail comes from there, which is not where the domain says
// that its mail comes from.
package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"mailproof/fixtures"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mailer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	cases, err := fixtures.Load()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(cases, func(c fixtures.Case) bool { return c.Name == "perfect" })
	switch {
	case i < 0:
		return fmt.Errorf("there is no fixture called perfect")
	case len(args) == 1 && args[0] == "zone":
		fmt.Print(cases[i].ZoneText())
		return nil
	case len(args) >= 3 && args[0] == "send":
		return send(cases[i], args[1:])
	}
	return fmt.Errorf("want zone, or send HOST:PORT ADDRESS [CLIENT-IP], not %q", args)
}

func send(c fixtures.Case, args []string) error {
	d, err := c.Build(time.Now())
	if err != nil {
		return err
	}
	if len(args) > 2 {
		if d.Session.ClientIP, err = netip.ParseAddr(args[2]); err != nil {
			return err
		}
	}
	return fixtures.Send(context.Background(), args[0], args[1], d)
}
