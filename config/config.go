// SPDX-License-Identifier: MIT

// Package config reads flags, environment and file into one value and says
// everything wrong with it at once. Names are the contract's: a flag --min-score
// is TESTER_MIN_SCORE in the environment and "min-score" in a file.
package config

import (
	"time"
)

// Analysis is how a report is made, judged and printed. All commands that
// analyse have it.
type Analysis struct {
	World
	Reading
	Now string `placeholder:"TIME" help:"Judge as at this time (RFC 3339)."`
}

// Reading is how a report is waited for, printed and judged.
type Reading struct {
	Lang    string        `enum:"en,zh-CN" default:"en" help:"Language of the report: ${enum}."`
	Timeout time.Duration `default:"60s" help:"How long the analysis (or the wait for a mail) may take."`
	Format  string        `default:"text" help:"Format of the report: text or json."`
	Thresholds
}

// World is what the analysis may ask.
type World struct {
	Resolver  []string `placeholder:"HOST:PORT" help:"DNS resolver to ask; repeatable (default: the system's)."`
	Zone      []string `placeholder:"FILE" help:"Answer DNS from these zone files only; repeatable."`
	Overlay   string   `placeholder:"FILE" help:"What if: records to lay over the DNS."`
	RBLConfig string   `name:"rbl-config" placeholder:"FILE" help:"Lists and keys (not available yet)."`
	Receiver  string   `placeholder:"NAME" help:"Our own host name, as a receiver (default: the machine's)."`
}

// Thresholds are what a script can ask of a report.
type Thresholds struct {
	MinScore         *float64 `placeholder:"N" help:"Exit 1 if the score is below N (0 to 10)."`
	MinCoverage      *float64 `placeholder:"N" help:"Exit 1 if the coverage is below N (0 to 1)."`
	Require          []string `placeholder:"ID[=STATUS]" help:"Exit 1 unless this finding or check is there, with that status; repeatable."`
	FailOn           string   `placeholder:"STATUS" help:"Exit 1 on any finding of this status or worse: warn or fail."`
	AllowProvisional bool     `help:"Judge a provisional report too, instead of exiting with 4."`
}

// Envelope is what is known of the delivery of an uploaded message.
type Envelope struct {
	ClientIP  string  `name:"client-ip" placeholder:"IP" help:"Address of the sending server."`
	Helo      string  `placeholder:"NAME" help:"Name that the sending server gives."`
	MailFrom  *string `placeholder:"ADDR" help:"Envelope sender; empty: the null sender."`
	RcptTo    string  `placeholder:"ADDR" help:"Envelope recipient."`
	TLS       string  `name:"tls" placeholder:"VERSION" help:"Encryption of the session: 1.3, 1.2, 1.1, 1.0 or none."`
	NoRecover bool    `help:"Do not take what is not given from the message's own Received and Return-Path."`
}

// Serve is the configuration of the server.
type Serve struct {
	SMTPAddr             string        `name:"smtp-addr" default:"127.0.0.1:2525" placeholder:"HOST:PORT" help:"Where to receive mail (${default})."`
	HTTPAddr             string        `name:"http-addr" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to serve pages and API (${default})."`
	Domain               string        `default:"mailproof.localhost" placeholder:"NAME" help:"Domain of the test addresses (${default})."`
	Hostname             string        `placeholder:"NAME" help:"Our own host name, in the greeting and in reports (default: the domain)."`
	BaseURL              string        `name:"base-url" placeholder:"URL" help:"How browsers reach us (default: the HTTP address)."`
	Data                 string        `default:"./data" placeholder:"DIR" help:"Where everything is kept (${default})."`
	TLSCert              string        `name:"tls-cert" placeholder:"FILE" help:"Certificate for STARTTLS, PEM (default: one made at start)."`
	TLSKey               string        `name:"tls-key" placeholder:"FILE" help:"Its private key, PEM."`
	Resolver             []string      `placeholder:"HOST:PORT" help:"DNS resolver to ask; repeatable (default: the system's)."`
	Zone                 []string      `placeholder:"FILE" help:"Answer DNS from these zone files only; repeatable."`
	Spamd                string        `placeholder:"HOST:PORT" help:"SpamAssassin (not available yet)."`
	Rspamd               string        `placeholder:"URL" help:"rspamd (not available yet)."`
	RBLConfig            string        `name:"rbl-config" placeholder:"FILE" help:"Lists and keys (not available yet)."`
	ProxyFrom            []string      `placeholder:"CIDR" help:"Networks that may speak the PROXY protocol; repeatable."`
	TrustedProxy         []string      `placeholder:"CIDR" help:"Networks whose X-Forwarded-For counts; repeatable."`
	MaxMessageSize       string        `default:"35MiB" placeholder:"SIZE" help:"Largest message (${default})."`
	MaxSessions          int           `default:"1000" placeholder:"N" help:"SMTP sessions at once (${default})."`
	MaxSessionsPerClient int           `default:"200" placeholder:"N" help:"SMTP sessions at once from one address (${default})."`
	MaxMessagesPerTest   int           `default:"1000" placeholder:"N" help:"Messages that one test address takes (${default})."`
	MaxTestsPerClient    int           `default:"60" placeholder:"N" help:"Tests that one client may make in a minute (${default})."`
	Retention            string        `default:"7d" placeholder:"DURATION" help:"How long tests are kept (${default})."`
	Workers              int           `default:"0" hidden:"" help:"Analyses at once (default: 64)."`
	LogLevel             string        `enum:"debug,info,warn,error" default:"info" help:"What to log: ${enum}."`
	Grace                time.Duration `default:"30s" help:"How long open sessions may take to end at shutdown."`
}

// Client is how a command reaches a server.
type Client struct {
	Server string `default:"http://127.0.0.1:8080" placeholder:"URL" help:"The server (${default})."`
	Token  string `placeholder:"TOKEN" help:"Token for a server that asks for one."`
}
