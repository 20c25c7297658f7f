// SPDX-License-Identifier: MIT

package webui_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"mailproof/evidence"
	"mailproof/store"
	"mailproof/webui"
)

// listen opens the stream of a test; next returns one event as "name id data".
func listen(t *testing.T, h http.Handler, id, last string) (next func() string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/api/v1/tests/"+id+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Fatalf("Content-Type %q", ct)
	}
	lines := bufio.NewScanner(resp.Body)
	return func() string {
		var rev, name string
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				rev = value
			case "event":
				name = value
			case "data":
				return name + " " + rev + " " + value
			}
		}
		return "end"
	}
}

func TestEventsInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	next := listen(t, h, id, "")
	expect := func(prefix string) {
		t.Helper()
		if got := next(); !strings.HasPrefix(got, prefix) {
			t.Fatalf("got %s, want %s", got, prefix)
		}
	}
	w.change(id, func(t *store.Test) {
		t.Attempts = append(t.Attempts, store.Attempt{At: noon.Add(time.Second), Reason: "too-large", Session: evidence.Session{Helo: "x"}})
	})
	expect(`attempt 2 {"at":"2026-11-21T09:14:09Z","reason":"too-large","helo":"x"}`)
	w.deliver(id, store.Received)
	expect(`received 3 {"n":1,"status":"received"`)
	w.set(id, 1, store.Analyzing)
	w.progress <- webui.Progress{N: 1, Done: 3, Total: 9, Check: "spf"}
	if got := next(); !strings.HasPrefix(got, "progress ") || !strings.HasSuffix(got, `{"n":1,"done":3,"total":9,"check":"spf"}`) {
		t.Fatal(got) // its id is 3 or 4: progress does not wait for the store
	}
	w.set(id, 1, store.Done)
	expect(`done 5 {"n":1,"status":"done","score":6.3}`)
	w.progress <- webui.Progress{N: 1, Done: 4, Total: 9} // too late: dropped
	w.set(id, 1, store.Received)
	w.set(id, 1, store.Done) // examined again: another verdict
	expect(`done 7 {"n":1`)
	if err := w.DeleteTest(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	expect("end")
}

func TestEventsGoOnWhereTheyWere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Received)
	w.set(id, 1, store.Done)
	again := listen(t, h, id, "2") // something is new since: all of it again
	if got := []string{again(), again()}; !slices.Equal(names(got), []string{"received", "done"}) {
		t.Errorf("%v", got)
	}
	same := listen(t, h, id, "3") // nothing is
	w.deliver(id, store.Received)
	if got := same(); !strings.HasPrefix(got, `received 4 {"n":2`) {
		t.Errorf("%v", got)
	}
}

func names(events []string) []string {
	var out []string
	for _, e := range events {
		name, _, _ := strings.Cut(e, " ")
		out = append(out, name)
	}
	return out
}
