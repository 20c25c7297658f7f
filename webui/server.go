// SPDX-License-Identifier: MIT

package webui

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of the HTTP server. Long answers (events, waits) extend the write
// timeout for themselves.
const (
	readHeaderTimeout = 10 * time.Second // a browser sends them in one packet
	readTimeout       = 60 * time.Second // 35 MiB at 5 Mbit/s
	writeTimeout      = 60 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 64 << 10
	maxConns          = 2000 // 100 kB each at most: 200 MB
	maxConnsPerClient = 500  // a proxy in front is one client
)

// NewServer is a server with limits for a handler that New made.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// LimitConns closes connections beyond the limits at once. It does not queue
// them: one greedy client would then keep all others waiting.
func LimitConns(ln net.Listener) net.Listener {
	return &limitListener{Listener: ln, open: map[string]int{}}
}

type limitListener struct {
	net.Listener
	mu    sync.Mutex
	total int
	open  map[string]int
}

func (l *limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := network(parseAddr(conn.RemoteAddr().String())).String()
		if l.enter(client) {
			return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(client) })}, nil
		}
		_ = conn.Close() // nothing was promised to it
	}
}

func (l *limitListener) enter(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= maxConns || l.open[client] >= maxConnsPerClient {
		return false
	}
	l.total++
	l.open[client]++
	return true
}

func (l *limitListener) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.open[client]--; l.open[client] == 0 {
		delete(l.open, client)
	}
}

type limitedConn struct {
	net.Conn
	leave func()
}

func (c *limitedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}
