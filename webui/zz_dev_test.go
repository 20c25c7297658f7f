package webui_test

import (
	"net/http"
	"testing"
	"time"
	"os"

	"mailproof/store"
	"mailproof/evidence"
	"net/netip"
	"mailproof/webui"
)

func TestDevServer(t *testing.T) {
	if os.Getenv("DEV") == "" { t.SkipNow() }
	w := newWorld()
	h := w.site(t)
	a := w.mint(t) // 1: waiting
	w.change(a, func(t *store.Test) { t.Attempts = append(t.Attempts, store.Attempt{At: noon, Reason: "too-large", Reply: "552 5.3.4 Message too big", Session: evidence.Session{ClientIP: netip.MustParseAddr("203.0.113.57")}}) })
	b := w.mint(t) // 2: analyzing
	w.deliver(b, store.Analyzing)
	c := w.mint(t) // 3: done, two messages
	w.deliver(c, store.Done); w.deliver(c, store.Done)
	d := w.mint(t) // 4: live
	go func() {
		time.Sleep(4*time.Second)
		for {
			time.Sleep(3*time.Second)
			w.deliver(d, store.Received)
			for i := range 20 { time.Sleep(100*time.Millisecond); w.progress <- webui.Progress{N:1, Done:i, Total:20} }
			w.set(d, 1, store.Done)
			return
		}
	}()
	t.Fatal(http.ListenAndServe("127.0.0.1:8899", h))
}
