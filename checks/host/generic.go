// SPDX-License-Identifier: MIT

package host

import (
	"context"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
)

var (
	genericYes = finding.Spec{ID: "ptr.generic", Status: finding.Warn, Weight: 10, Params: []string{"ip", "name", "mark"},
		Refs: []string{"https://senders.yahooinc.com/best-practices/", "https://www.spamrats.com/rats-dyna.php"}}

	genericNo        = finding.Spec{ID: "ptr.own-name", Status: finding.Pass, Params: []string{"ip", "name"}}
	genericNoPTR     = finding.Spec{ID: "ptr.no-name", Status: finding.Skipped, Params: []string{"ip"}}
	genericTempError = finding.Spec{ID: "ptr.name-temperror", Status: finding.Unknown, Params: []string{"ip", "code"}}
)

// generic looks for names that providers give to all their addresses.
var generic = check.Check{
	ID:    "ptr.generic",
	Needs: check.NeedClientIP,
	Specs: []finding.Spec{genericYes, genericNo, genericNoPTR, genericTempError},
	Run:   runGeneric,
}

func runGeneric(ctx context.Context, in *check.Input) []finding.Finding {
	ip := in.Session.ClientIP
	rev, err := IPRev.Get(ctx, in, ip)
	if err != nil {
		return nil
	}
	p := finding.Params{"ip": ip.String()}
	seen := []finding.Observation{seenClient(ip)}
	for _, n := range rev.Names {
		seen = append(seen, seenDNS(rev.Question, dns.TypePTR, n))
	}
	if len(rev.Names) == 0 {
		if rev.Result == "permerror" {
			return []finding.Finding{genericNoPTR.At(ip.String(), p, seen...)}
		}
		p["code"] = string(rev.Code)
		return []finding.Finding{genericTempError.At(ip.String(), p, seen...)}
	}
	for _, n := range rev.Names {
		if genericMark(n, ip) == "" { // one name of its own is enough
			p["name"] = n
			return []finding.Finding{genericNo.At(ip.String(), p, seen...)}
		}
	}
	p["name"], p["mark"] = rev.Names[0], genericMark(rev.Names[0], ip)
	f := genericYes.At(ip.String(), p, seen...)
	return []finding.Finding{f.Fixed(finding.Fix{Params: finding.Params{"question": rev.Question}})}
}

// The words of names that providers give out, after SpamAssassin's and
// rspamd's rules. Weak ones count beside a number only: they are also used by
// people.
var (
	genericWords = []string{"dyn", "dynamic", "dhcp", "pool", "ppp", "pppoe", "dsl", "adsl", "vdsl", "xdsl", "cable",
		"docsis", "catv", "dial", "dialin", "dialup", "broadband", "cpe"}
	genericWeak  = []string{"cust", "customer", "client", "user", "node"}
	genericSpare = []string{"static", "mail", "mx", "smtp", "out", "relay"}
)

// ownLabels of a name are not looked at: they are the provider's own domain.
const ownLabels = 2

// genericMark returns what makes a host name generic, or "".
func genericMark(name string, ip netip.Addr) string {
	labels := strings.Split(strings.ToLower(name), ".")
	host := labels[:max(len(labels)-ownLabels, 0)]
	words := strings.FieldsFunc(strings.Join(host, "."), func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	numbered := false
	for i, w := range words {
		bare := strings.Trim(w, "0123456789")
		numbered = numbered || bare != w
		if slices.Contains(genericSpare, bare) {
			return ""
		}
		words[i] = bare
	}
	if s := addressIn(strings.Join(host, "."), ip); s != "" {
		return s
	}
	for _, w := range words {
		if slices.Contains(genericWords, w) || numbered && slices.Contains(genericWeak, w) {
			return w
		}
	}
	return ""
}

// addressIn returns the form in which the address stands in the name, or "".
func addressIn(host string, ip netip.Addr) string {
	if ip.Is4() {
		return ipv4In(host, ip.As4())
	}
	flat := strings.NewReplacer(".", "", "-", "", "_", "").Replace(host)
	a := ip.As16()
	full := hex.EncodeToString(a[:])
	for _, form := range []string{full, reversed(full)} {
		if strings.Contains(flat, form) {
			return form
		}
	}
	if form := strings.ReplaceAll(ip.String(), ":", "-"); strings.Contains(host, form) {
		return form
	}
	return ""
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// ipv4In looks for the four octets in either order, separated, padded or in
// hexadecimal digits.
func ipv4In(host string, ip [4]byte) string {
	numbers := strings.FieldsFunc(host, func(r rune) bool { return r < '0' || r > '9' })
	back := [4]byte{ip[3], ip[2], ip[1], ip[0]}
	for i := 0; i+4 <= len(numbers); i++ {
		if four := numbers[i : i+4]; isOctets(four, ip) || isOctets(four, back) {
			return strings.Join(four, "-")
		}
	}
	padded := func(o [4]byte) string {
		var b strings.Builder
		for _, n := range o {
			s := strconv.Itoa(int(n))
			b.WriteString("000"[len(s):] + s)
		}
		return b.String()
	}
	for _, form := range []string{padded(ip), padded(back), hex.EncodeToString(ip[:]), hex.EncodeToString(back[:])} {
		if strings.Contains(host, form) {
			return form
		}
	}
	return ""
}

func isOctets(numbers []string, ip [4]byte) bool {
	for i, s := range numbers {
		if n, err := strconv.ParseUint(s, 10, 8); err != nil || byte(n) != ip[i] {
			return false
		}
	}
	return true
}
