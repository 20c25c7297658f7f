// SPDX-License-Identifier: MIT

package main

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"mailproof/config"
	"mailproof/render"
	"mailproof/smtpd"
	"mailproof/webui"
)

func (svc *service) buildSMTP(hostname string, set setup) error {
	cert, err := certificate(svc.cfg, hostname)
	if err != nil {
		return err
	}
	size, err := config.Size(svc.cfg.MaxMessageSize)
	if err != nil {
		return err
	}
	proxies, err := networks(svc.cfg.ProxyFrom)
	if err != nil {
		return err
	}
	svc.smtp = smtpd.New(smtpd.Options{
		Hostname: hostname, Domains: []string{svc.cfg.Domain}, ProxyFrom: proxies, Logger: set.log,
		Inbox: &inbox{store: svc.store, receiver: hostname, log: set.log, gate: &svc.gate, override: set.override},
		TLS:   &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
		Limits: smtpd.Limits{
			MessageSize: size, Sessions: svc.cfg.MaxSessions, SessionsPerClient: svc.cfg.MaxSessionsPerClient,
		},
	})
	return nil
}

func certificate(cfg config.Serve, hostname string) (tls.Certificate, error) {
	if cfg.TLSCert == "" {
		return smtpd.SelfSigned(hostname)
	}
	cert, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
	if err != nil {
		return cert, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return cert, nil
}

func networks(list []string) (out []netip.Prefix, err error) {
	for _, s := range list {
		p, err := config.CIDR(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (svc *service) buildWeb(hostname string, set setup) error {
	texts, err := catalog()
	if err != nil {
		return err
	}
	base, err := url.Parse(svc.webURL())
	if err != nil {
		return err
	}
	proxies, err := networks(svc.cfg.TrustedProxy)
	if err != nil {
		return err
	}
	version, _ := buildVersion()
	size, err := config.Size(svc.cfg.MaxMessageSize)
	if err != nil {
		return err
	}
	h, err := webui.New(webui.Options{
		Service: svc.desk, Texts: texts, Render: render.New, Text: render.Terminal, BaseURL: base,
		Hostname: hostname, Domain: svc.cfg.Domain, MX: svc.smtpAddr(), Version: version,
		TrustedProxies: proxies, TestsPerMinute: svc.cfg.MaxTestsPerClient, MaxMessageSize: size,
		Counters: svc.counters, Examples: set.examples, Now: time.Now, Log: svc.log, Stopping: svc.stopping,
	})
	if err != nil {
		return err
	}
	svc.web = webui.NewServer(h, svc.log)
	return nil
}
