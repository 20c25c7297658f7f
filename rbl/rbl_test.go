// SPDX-License-Identifier: MIT

package rbl

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailproof/check"
	"mailproof/check/checktest"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/report"
	"mailproof/scoring"
)

// testPoints make a zone a list that works.
const testPoints = `
$ORIGIN zen.spamhaus.org.
2.0.0.127 A 127.0.0.2
2.0.0.127 A 127.0.0.4
2.0.0.127 A 127.0.0.10
`

// v6 writes the question about an IPv6 address.
func v6(s string) string { return strings.TrimSuffix(questionName(netip.MustParseAddr(s), ""), ".") }

// listing is a zone that answers for 203.0.113.5.
func listing(codes ...string) string {
	z := testPoints
	for _, c := range codes {
		z += "5.113.0.203 A " + c + "\n"
	}
	return z + "5.113.0.203 TXT \"see page\"\n"
}

func world(zone string) checktest.Case {
	return checktest.Case{Zone: zone, Session: evidence.Session{ClientIP: netip.MustParseAddr("203.0.113.5")}}
}

func groups(c Config) []check.Group { return []check.Group{Group(c)} }

func TestCodes(t *testing.T) {
	t.Parallel()
	const ip = " 203.0.113.5"
	for codes, c := range map[string]struct {
		want  string
		score int
	}{
		"127.0.0.2": {"sbl", 20}, "127.0.0.3": {"css", 30}, "127.0.0.4": {"xbl", 30}, "127.0.0.7": {"xbl", 30},
		"127.0.0.9": {"drop", 20}, "127.0.0.10": {"pbl", 40}, "127.0.0.11": {"pbl", 40}, "127.0.0.30": {"bcl", 20},
		"127.0.0.9 127.0.0.2": {"sbl drop", 20}, "127.0.0.3 127.0.0.10 127.0.0.11": {"css pbl", 30},
		"127.0.0.99": {"other", 100}, "127.0.0.4 127.0.0.99": {"xbl other", 30},
		"127.255.255.252": {"refused", 100}, "127.255.255.254": {"refused", 100}, "127.255.255.255": {"refused", 100},
		"127.0.0.2 127.255.255.254": {"refused", 100}, "192.0.2.80": {"broken", 100}, "127.0.0.2 192.0.2.80": {"broken", 100},
	} {
		var want []string
		for _, w := range strings.Fields(c.want) {
			want = append(want, "rbl.zen."+w+ip)
		}
		res := checktest.Run(t, groups(Config{}), world(listing(strings.Fields(codes)...)))
		checktest.Want(t, res, "rbl.zen", want...)
		score, _ := scoring.Compute(scoring.DefaultPolicy(), res.Findings, res.Ran)
		if score.Tenths != c.score {
			t.Errorf("%s: score %d, want %d", codes, score.Tenths, c.score)
		}
	}
	checktest.Want(t, checktest.Run(t, groups(Config{}), world(testPoints)), "rbl.zen", "rbl.zen.clean"+ip)
}

func TestNotAsked(t *testing.T) {
	t.Parallel()
	for _, ip := range []string{"127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "169.254.1.1", "240.0.0.1", "::1", "fe80::1", "fd00::1"} {
		c := world(testPoints)
		c.Session.ClientIP = netip.MustParseAddr(ip)
		trace := dns.NewTrace(c.Resolver(t))
		res := checktest.RunWith(t, groups(Config{}), c, trace)
		checktest.Want(t, res, "rbl.zen", "rbl.zen.private-address "+ip)
		if n := len(trace.Exchanges()); n > 0 {
			t.Errorf("%s: %d questions", ip, n)
		}
	}
	checktest.Want(t, checktest.Run(t, groups(Config{}), checktest.Case{}), "rbl.zen", "rbl.zen.not-observed")
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	if got := questionName(netip.MustParseAddr("2001:db8::5"), "z"); got != "5."+strings.Repeat("0.", 23)+"8.b.d.0.1.0.0.2.z" {
		t.Error(got)
	}
	zone := fmt.Sprintf("$ORIGIN zen.spamhaus.org.\n%s A 127.0.0.2\n%s A 127.0.0.3\n", v6("::ffff:7f00:2"), v6("2001:db8::5"))
	c := world(zone)
	c.Session.ClientIP = netip.MustParseAddr("2001:db8::5")
	checktest.Want(t, checktest.Run(t, groups(Config{}), c), "rbl.zen", "rbl.zen.css 2001:db8::5")
}

// lists in every state of RFC 5782 §5 and beyond.
var states = map[Health]string{
	OK:       testPoints,
	Dead:     "$ORIGIN zen.spamhaus.org.\n@ NS ns\n",
	Wildcard: "$ORIGIN zen.spamhaus.org.\n* A 127.0.0.2\n",
	Refused:  "$ORIGIN zen.spamhaus.org.\n* A 127.255.255.254\n",
	Broken:   "$ORIGIN zen.spamhaus.org.\n* A 192.0.2.80\n",
	Unreachable: `$ORIGIN zen.spamhaus.org.
; timeout 2.0.0.127.zen.spamhaus.org.
; timeout 1.0.0.127.zen.spamhaus.org.
`,
}

func TestProbe(t *testing.T) {
	t.Parallel()
	for want, zone := range states {
		if got := Probe(t.Context(), world(zone).Resolver(t), Default()[0], IPv4); got != want {
			t.Errorf("%s: %s", want, got)
		}
	}
	allButOne := testPoints + "1.2.0.192 A 127.0.0.2\n"
	if got := Probe(t.Context(), world(allButOne).Resolver(t), Default()[0], IPv4); got != Wildcard {
		t.Errorf("a list of everything but 127.0.0.1 is %s", got)
	}
}

// A listing counts from a healthy list only.
func TestUnhealthyNeverCounts(t *testing.T) {
	t.Parallel()
	for h, want := range map[Health]string{OK: "sbl", Dead: "unusable", Wildcard: "unusable", Refused: "refused", Broken: "broken", Unreachable: "unreachable"} {
		zone := states[h] + "$ORIGIN zen.spamhaus.org.\n5.113.0.203 A 127.0.0.2\n"
		res := checktest.Run(t, groups(Config{}), world(zone))
		checktest.Want(t, res, "rbl.zen", "rbl.zen."+want+" 203.0.113.5")
		var rep report.Report
		rep.Findings = res.Findings
		res.Describe(t.Context(), &rep)
		if len(rep.Lists) != 1 || rep.Lists[0].Health != string(h) {
			t.Errorf("%s: %+v", h, rep.Lists)
		}
	}
}

func TestProbesOnlyWhatIsListed(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]int{testPoints: 1, listing("127.0.0.2"): 5, listing("127.255.255.254"): 1} {
		c := world(zone)
		trace := dns.NewTrace(c.Resolver(t))
		checktest.RunWith(t, groups(Config{}), c, trace)
		if n := len(trace.Exchanges()); n != want {
			t.Errorf("%d questions, want %d: %+v", n, want, trace.Exchanges())
		}
	}
}

func TestClosedWorld(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"a.example. A 192.0.2.1\n": "absent", "; unknown-elsewhere\na.example. A 192.0.2.1\n": "absent",
		testPoints: "clean", listing("127.0.0.3"): "css", "zen.spamhaus.org. NS ns.example.\n": "clean",
		"; timeout 2.0.0.127.zen.spamhaus.org.\n": "clean",
	} {
		res := checktest.Run(t, groups(Config{ClosedWorld: true}), world(zone))
		checktest.Want(t, res, "rbl.zen", "rbl.zen."+want+" 203.0.113.5")
		if absent := want == "absent"; res.Ran[0].Applies == absent {
			t.Errorf("%q: applies %v", zone, !absent)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	res := checktest.Run(t, groups(Config{}), world(listing("127.0.0.2", "127.0.0.9")))
	var rep report.Report
	rep.Score, rep.Findings = scoring.Compute(scoring.DefaultPolicy(), res.Findings, res.Ran)
	res.Describe(t.Context(), &rep)
	got := fmt.Sprintf("%+v", rep.Lists)
	want := "[{List:Spamhaus ZEN Kind:ip Target:203.0.113.5 Status:listed Health:ok Codes:[127.0.0.2 127.0.0.9] " +
		"Meaning:rbl.zen.sbl.title Text:[see page] Tier:high Penalty:40 URL:https://check.spamhaus.org/results/?query=203.0.113.5}]"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	checktest.Texts(t, Group(Config{}))
	for _, closed := range []bool{false, true} {
		for _, zone := range []string{testPoints, listing("127.0.0.2"), listing("127.0.0.10")} {
			checktest.EveryLookupFails(t, groups(Config{ClosedWorld: closed}), world(zone))
		}
	}
}

// swap is a world that changes.
type swap struct{ now atomic.Pointer[dns.Resolver] }

func (s *swap) set(r dns.Resolver) { s.now.Store(&r) }
func (s *swap) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	return (*s.now.Load()).Lookup(ctx, name, t)
}

func TestProber(t *testing.T) {
	t.Parallel()
	v6points := "$ORIGIN zen.spamhaus.org.\n" + v6("::ffff:7f00:2") + " A 127.0.0.2\n"
	good, dead := world(testPoints+v6points).Resolver(t), world(states[Dead]).Resolver(t)
	silent := world(states[Unreachable] + v6points).Resolver(t)
	synctest.Test(t, func(t *testing.T) {
		var w swap
		w.set(silent)
		var changes []string
		p := NewProber(ProberOptions{World: &w, Changed: func(l List, f Family, was, is Health) {
			if f == IPv4 {
				changes = append(changes, string(was)+">"+string(is))
			}
		}})
		zen := Default()[0]
		early, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if h := p.Health(early, zen, IPv4); h != Unreachable {
			t.Errorf("before the first probe: %s", h)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { p.Run(ctx); close(done) }()
		for _, step := range []struct {
			after time.Duration
			next  dns.Resolver
			want  Health
		}{{0, good, Unreachable}, {RetryEvery, dead, OK}, {ProbeEvery, good, Dead}, {ProbeEvery, good, OK}} {
			time.Sleep(step.after)
			synctest.Wait()
			if h := p.Health(ctx, zen, IPv4); h != step.want {
				t.Errorf("after %v: %s, want %s", step.after, h, step.want)
			}
			w.set(step.next)
		}
		stop()
		<-done
		if got := strings.Join(changes, " "); got != ">unreachable unreachable>ok ok>dead dead>ok" {
			t.Errorf("changes %s", got)
		}
	})
}

// In a server the health comes from the background and nothing is probed in
// an analysis; a list that was refused is not called clean.
func TestHealthFromBackground(t *testing.T) {
	t.Parallel()
	for h, want := range map[Health][2]string{
		OK: {"sbl", "clean"}, Dead: {"unusable", "unusable"}, Refused: {"refused", "refused"}, Unreachable: {"unreachable", "unreachable"},
	} {
		for i, zone := range []string{listing("127.0.0.2"), testPoints} {
			res := checktest.Run(t, groups(Config{Health: fixed(h)}), world(zone))
			checktest.Want(t, res, "rbl.zen", "rbl.zen."+want[i]+" 203.0.113.5")
		}
	}
}

type fixed Health

func (f fixed) Health(context.Context, List, Family) Health { return Health(f) }
