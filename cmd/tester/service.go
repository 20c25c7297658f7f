// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"mailproof/analysis"
	"mailproof/checks"
	"mailproof/config"
	"mailproof/dns"
	"mailproof/rbl"
	"mailproof/smtpd"
	"mailproof/store/bolt"
	"mailproof/webui"
)

// purgeEvery is how often expired tests are removed: soon enough that a full
// disk gets room again, rarely enough to cost nothing.
const purgeEvery = 30 * time.Second

// purgeSteps: tests that live shortly are removed sooner, so that none stays
// for more than this part of its life beyond it.
const purgeSteps = 10

// defaultWorkers is how many analyses run at once. They wait for name servers
// most of the time, and some of those never answer: with few workers a handful
// of such mails would hold up everybody's reports.
const defaultWorkers = 64

// setup is what differs between serve, demo and run.
type setup struct {
	world    dns.Resolver
	checks   checks.Config
	probe    bool // keep the health of the lists in the background
	log      *slog.Logger
	override func(*smtpd.Delivery)                 // of what was observed, for tester run
	examples func(context.Context) []webui.Example // of tester demo
}

// A service is the running whole: store, analyses, SMTP in, web out.
type service struct {
	cfg         config.Serve
	log         *slog.Logger
	store       *bolt.Store
	desk        *desk
	worker      *analysis.Worker
	smtp        *smtpd.Server
	smtpL       net.Listener
	web         *http.Server
	webL        net.Listener
	stopping    chan struct{}
	failed      chan error
	gate        gate
	prober      *rbl.Prober // nil: lists are probed in the analysis
	crashes     atomic.Int64
	differences atomic.Int64 // of the second opinion on DKIM

	background sync.WaitGroup
	cancel     context.CancelFunc
}

// assemble builds the service from the configuration, in the order in which
// things depend on each other: store, listeners, analysis, SMTP, web.
func assemble(ctx context.Context, cfg config.Serve, set setup) (*service, error) {
	svc := &service{cfg: cfg, log: set.log, stopping: make(chan struct{}), failed: make(chan error, 2), cancel: func() {}}
	retention, err := config.Duration(cfg.Retention)
	if err != nil {
		return nil, err
	}
	svc.store, err = bolt.Open(ctx, cfg.Data, bolt.Options{
		Retention: retention, MaxMessagesPerTest: cfg.MaxMessagesPerTest, Log: set.log,
	})
	if err != nil {
		return nil, err
	}
	if err := svc.listen(ctx); err != nil {
		return nil, errors.Join(err, svc.close())
	}
	hostname := cfg.Hostname
	if hostname == "" {
		hostname = cfg.Domain
	}
	if set.probe {
		svc.prober = rbl.NewProber(rbl.ProberOptions{World: set.world, Lists: set.checks.RBL.Lists, Changed: svc.listChanged})
		set.checks.RBL.Health = svc.prober
	}
	set.checks.Auth = secondOpinion(func() { svc.differences.Add(1) })
	a := analyzer(set.world, set.checks, set.log, 0, func(string, error) { svc.crashes.Add(1) })
	progress := &analysis.Progress{}
	workers := cfg.Workers
	if workers == 0 {
		workers = defaultWorkers
	}
	svc.worker = &analysis.Worker{Store: svc.store, Analyzer: a, Progress: progress, Workers: workers, Log: set.log, Yield: svc.gate.wait}
	svc.desk = &desk{store: svc.store, analyzer: a, progress: progress, retention: retention, receiver: hostname}
	if err := errors.Join(svc.buildSMTP(hostname, set), svc.buildWeb(hostname, set)); err != nil {
		return nil, errors.Join(err, svc.close())
	}
	return svc, nil
}

func (svc *service) close() error {
	var errs []error
	for _, l := range []net.Listener{svc.smtpL, svc.webL} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(append(errs, svc.store.Close())...)
}

func (svc *service) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if svc.smtpL, err = lc.Listen(ctx, "tcp", svc.cfg.SMTPAddr); err != nil {
		return fmt.Errorf("--smtp-addr: %w", err)
	}
	l, err := lc.Listen(ctx, "tcp", svc.cfg.HTTPAddr)
	if err != nil {
		return fmt.Errorf("--http-addr: %w", err)
	}
	svc.webL = webui.LimitConns(l)
	return nil
}

func (svc *service) smtpAddr() string { return dialable(svc.smtpL.Addr().String()) }

func (svc *service) webURL() string {
	if svc.cfg.BaseURL != "" {
		return svc.cfg.BaseURL
	}
	return "http://" + dialable(svc.webL.Addr().String())
}

// start begins to work: what was left over first, then mail, then pages.
func (svc *service) start(ctx context.Context) error {
	ctx, svc.cancel = context.WithCancel(context.WithoutCancel(ctx))
	svc.background.Go(func() { svc.worker.Run(ctx) })
	svc.background.Go(func() { svc.purge(ctx) })
	if svc.prober != nil {
		svc.background.Go(func() { svc.prober.Run(ctx) })
	}
	svc.background.Go(func() { svc.serving("smtp", svc.smtp.Serve(ctx, svc.smtpL)) })
	svc.background.Go(func() { svc.serving("web", svc.web.Serve(svc.webL)) })
	return nil
}

// listChanged tells the operator of a list that cannot be used, or can again.
func (svc *service) listChanged(l rbl.List, f rbl.Family, was, is rbl.Health) {
	svc.log.Info("list health", "list", l.Name, "family", f, "was", was, "is", is)
}

// serving tells of a server that ended by itself.
func (svc *service) serving(what string, err error) {
	select {
	case <-svc.stopping:
	default:
		svc.failed <- fmt.Errorf("%s server ended: %w", what, err)
	}
}

func (svc *service) purge(ctx context.Context) {
	tick := time.NewTicker(min(purgeEvery, max(svc.desk.retention/purgeSteps, time.Second)))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if _, err := svc.store.Purge(ctx, time.Now()); err != nil && ctx.Err() == nil {
				svc.log.Warn("expired tests not removed", "err", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// stop ends everything in reverse order: no new pages, open mail finished,
// analyses given back, store closed.
func (svc *service) stop(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	close(svc.stopping)
	var errs []error
	if err := svc.web.Shutdown(ctx); err != nil {
		errs = append(errs, svc.web.Close())
	}
	if err := svc.smtp.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		errs = append(errs, err)
	}
	svc.cancel()
	svc.background.Wait()
	return errors.Join(append(errs, svc.store.Close())...)
}

// removeAll is for temporary data directories.
func removeAll(dir string, log *slog.Logger) {
	if err := os.RemoveAll(dir); err != nil {
		log.Warn("temporary directory not removed", "err", err)
	}
}
