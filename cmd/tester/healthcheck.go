// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// probeTimeout is how long a healthy server may take to answer: it has nothing
// to look up.
const probeTimeout = 5 * time.Second

// healthcheckCmd asks a server on this machine whether it is well. It is for
// containers, which have neither a shell nor curl in them.
type healthcheckCmd struct {
	HTTPAddr string `name:"http-addr" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"The address that serve was given (${default})."`
}

func (c *healthcheckCmd) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialable(c.HTTPAddr)+"/healthz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return exitWith(exitThreshold, "%w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return exitWith(exitThreshold, "%s answers %s", req.URL, res.Status)
	}
	return nil
}

// dialable turns an address to listen on into one to connect to: "every
// address" becomes this machine's own.
func dialable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1" // a container may know no name at all
	}
	return net.JoinHostPort(host, port)
}
