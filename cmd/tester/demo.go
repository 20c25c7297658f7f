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
	"mailproof/store"
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
	svc, err := assemble(ctx, cfg, setup{world: world, log: log, probe: true})
	if err != nil {
		return err
	}
	if err := svc.start(ctx); err != nil {
		return errors.Join(err, svc.stop(time.Second))
	}
	fmt.Fprintf(s.out, "smtp: %s\nweb: %s\n", svc.smtpAddr(), svc.webURL())
	if err := c.deliver(ctx, s, svc, cases); err != nil && ctx.Err() == nil {
		return errors.Join(err, svc.stop(time.Second))
	}
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

// deliver sends every example and prints where its report will be, in order.
func (c *demoCmd) deliver(ctx context.Context, s *std, svc *service, cases []fixtures.Case) error {
	urls := make([]string, len(cases))
	errs := make([]error, len(cases))
	room := make(chan struct{}, demoSenders)
	var wg sync.WaitGroup
	for i, example := range cases {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			urls[i], errs[i] = c.one(ctx, svc, example)
		})
	}
	wg.Wait()
	for i, example := range cases {
		fmt.Fprintf(s.out, "%-28s %s\n", example.Name, urls[i])
	}
	return errors.Join(errs...)
}

// one sends an example to a test of its own and waits for its report.
func (c *demoCmd) one(ctx context.Context, svc *service, example fixtures.Case) (string, error) {
	t, err := svc.desk.CreateTest(ctx, webui.NewTest{Label: example.Title, Lang: c.Lang})
	if err != nil {
		return "", err
	}
	url := svc.webURL() + "/tests/" + t.ID
	d, err := example.Build(time.Now())
	if err != nil {
		return url, err
	}
	if err := fixtures.Send(ctx, svc.smtpAddr(), t.Local+"@"+runDomain, d); err != nil {
		return url, fmt.Errorf("send %s: %w", example.Name, err)
	}
	var seen uint64
	for {
		if seen, err = svc.store.Wait(ctx, t.ID, seen); err != nil {
			return url, err
		}
		if t, err = svc.store.Test(ctx, t.ID); err != nil || t.State() == store.Done || t.State() == store.Failed {
			return url, err
		}
	}
}
