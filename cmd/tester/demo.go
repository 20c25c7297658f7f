// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"mailproof/config"
	"mailproof/dns/live"
	"mailproof/dns/zoned"
	"mailproof/fixtures"
	"mailproof/webui"
)

// demoSenders is how many examples are sent at once.
const demoSenders = 4

type demoCmd struct {
	SMTPAddr string `name:"smtp-addr" default:"127.0.0.1:2525" placeholder:"HOST:PORT" help:"Where to receive mail (${default})."`
	HTTPAddr string `name:"http-addr" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to serve pages (${default})."`
	Data     string `placeholder:"DIR" help:"Where to keep everything (default: a temporary directory, removed at the end)."`
	Lang     string `enum:"en,zh-CN" default:"en" help:"Language of the examples' pages: ${enum}."`
}

func (c *demoCmd) Run(ctx context.Context, s *std) error {
	log := logger(s, "warn")
	cases, err := fixtures.Load()
	if err != nil {
		return err
	}
	zones, err := fixtures.Zones(cases)
	if err != nil {
		return err
	}
	names, err := zoned.Serve(ctx, zones, "127.0.0.1:0", zoned.Options{})
	if err != nil {
		return err
	}
	defer names.Close()
	world, err := live.New(live.Options{Upstreams: []string{names.Addr()}, Timeout: demoDNSTimeout})
	if err != nil {
		return err
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if c.Data == "" {
		defer removeAll(cfg.Data, log)
	}
	shown := &examples{}
	svc, err := assemble(ctx, cfg, setup{world: world, log: log, examples: shown.list})
	if err != nil {
		return err
	}
	if err := c.announce(ctx, svc, shown, cases); err != nil {
		return errors.Join(err, svc.close())
	}
	if err := svc.start(ctx); err != nil {
		return errors.Join(err, svc.stop(time.Second))
	}
	fmt.Fprintf(s.out, "examples: %s/demo\nsmtp: %s\nweb: %s\n", svc.webURL(), svc.smtpAddr(), svc.webURL())
	if err := c.deliver(ctx, svc, shown); err != nil && ctx.Err() == nil {
		log.Warn("an example could not be sent", "err", err)
	}
	shown.print(ctx, s.out, svc.webURL())
	return svc.untilDone(ctx, time.Second)
}

// demoDNSTimeout: some examples are about name servers that never answer, and
// nobody wants to wait long for those.
const demoDNSTimeout = 500 * time.Millisecond

func (c *demoCmd) config() (cfg config.Serve, err error) {
	cfg = config.Serve{
		SMTPAddr: c.SMTPAddr, HTTPAddr: c.HTTPAddr, Domain: runDomain, Data: c.Data, ProxyFrom: []string{"127.0.0.0/8"},
		MaxMessageSize: "35MiB", MaxSessions: 100, MaxSessionsPerClient: 100, MaxMessagesPerTest: 1000,
		MaxTestsPerClient: 60, Retention: "7d",
	}
	if cfg.Data == "" {
		cfg.Data, err = os.MkdirTemp("", "mailproof-demo-")
	}
	return cfg, err
}

// announce makes a test for every example, so that the index is whole from
// the first moment on.
func (c *demoCmd) announce(ctx context.Context, svc *service, shown *examples, cases []fixtures.Case) error {
	shown.store = svc.store
	for _, example := range cases {
		t, err := svc.desk.CreateTest(ctx, webui.NewTest{Label: example.Title, Lang: c.Lang})
		if err != nil {
			return err
		}
		shown.all = append(shown.all, announced{example, t})
	}
	return nil
}

// deliver sends every example while the pages are up already.
func (c *demoCmd) deliver(ctx context.Context, svc *service, shown *examples) error {
	errs := make([]error, len(shown.all))
	room := make(chan struct{}, demoSenders)
	var wg sync.WaitGroup
	for i, example := range shown.all {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			if err := example.send(ctx, svc); err != nil {
				errs[i] = fmt.Errorf("%s: %w", example.Name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
