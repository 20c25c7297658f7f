// SPDX-License-Identifier: MIT

package host

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	heloParams = []string{"helo", "ip"}
	heloRefs   = []string{"RFC 5321 §4.1.1.1", "RFC 5321 §2.3.5"}

	heloPass = finding.Spec{ID: "helo.pass", Status: finding.Pass, Params: heloParams, Refs: heloRefs}
	// The client's address is not known, so there is nothing to compare with.
	heloResolves  = finding.Spec{ID: "helo.resolves", Status: finding.Pass, Params: heloParams, Refs: heloRefs}
	heloInvalid   = finding.Spec{ID: "helo.invalid", Status: finding.Fail, Weight: 10, Params: heloParams, Refs: heloRefs}
	heloLocal     = finding.Spec{ID: "helo.local", Status: finding.Fail, Weight: 10, Params: heloParams, Refs: heloRefs}
	heloNotFQDN   = finding.Spec{ID: "helo.not-fqdn", Status: finding.Fail, Weight: 10, Params: heloParams, Refs: heloRefs}
	heloOurs      = finding.Spec{ID: "helo.receivers-name", Status: finding.Fail, Weight: 10, Params: heloParams, Refs: heloRefs}
	heloLiteral   = finding.Spec{ID: "helo.literal", Status: finding.Warn, Weight: 5, Params: heloParams, Refs: []string{"RFC 5321 §4.1.3"}}
	heloNoAddress = finding.Spec{ID: "helo.unresolvable", Status: finding.Warn, Weight: 5, Params: heloParams, Refs: []string{"RFC 5321 §4.1.4"}}
	heloOther     = finding.Spec{ID: "helo.other-ip", Status: finding.Warn, Weight: 2,
		Params: []string{"helo", "ip", "addresses"}, Refs: []string{"RFC 5321 §4.1.4"}}
	heloTempError = finding.Spec{ID: "helo.temperror", Status: finding.Unknown, Params: []string{"helo", "code"}}
)

// helo looks at the name that the host gives for itself.
var helo = check.Check{
	ID:    "helo",
	Needs: check.NeedHelo,
	Uses:  check.NeedClientIP,
	Specs: []finding.Spec{heloPass, heloResolves, heloInvalid, heloLocal, heloNotFQDN, heloOurs, heloLiteral,
		heloNoAddress, heloOther, heloTempError},
	Run: runHelo,
}

func runHelo(ctx context.Context, in *check.Input) []finding.Finding {
	given, ip := in.Session.Helo, in.Session.ClientIP
	p := finding.Params{"helo": given, "ip": ""}
	seen := []finding.Observation{{Kind: "session", Label: "label.helo", Value: given}}
	if ip.IsValid() {
		p["ip"] = ip.String()
		seen = append(seen, seenClient(ip))
	}
	if spec, wrong := heloForm(given, in.Receiver); wrong {
		return []finding.Finding{spec.At(given, p, seen...).Fixed(finding.Fix{})}
	}
	name := heloName(given)
	addrs, err := dns.Addrs(ctx, in.DNS, name)
	if err == nil || len(addrs) > 0 {
		seen = append(seen, finding.Observation{Kind: "dns", Label: "A, AAAA " + name, Value: join(addrs)})
	}
	switch {
	case ip.IsValid() && slices.Contains(addrs, ip):
		return []finding.Finding{heloPass.At(given, p, seen...)}
	case !ip.IsValid() && len(addrs) > 0:
		return []finding.Finding{heloResolves.At(given, p, seen...)}
	case err != nil:
		p = finding.Params{"helo": given, "code": string(dns.CodeOf(err))}
		return []finding.Finding{heloTempError.At(given, p, seen...)}
	case len(addrs) == 0:
		return []finding.Finding{heloNoAddress.At(given, p, seen...).Fixed(finding.Fix{})}
	}
	p["addresses"] = join(addrs)
	return []finding.Finding{heloOther.At(given, p, seen...).Fixed(finding.Fix{})}
}

// heloForm finds what is wrong with the name before anybody is asked.
func heloForm(given, receiver string) (finding.Spec, bool) {
	if strings.HasPrefix(given, "[") {
		if validLiteral(given) {
			return heloLiteral, true
		}
		return heloInvalid, true
	}
	name := heloName(given)
	switch {
	case name == "" || !validHost(name):
		return heloInvalid, true
	case isLocalName(name):
		return heloLocal, true
	case !strings.Contains(name, "."):
		return heloNotFQDN, true
	case receiver != "" && strings.EqualFold(name, receiver):
		return heloOurs, true
	}
	return finding.Spec{}, false
}

// heloName is the name as DNS knows it, or "" for a literal.
func heloName(given string) string {
	if strings.HasPrefix(given, "[") {
		return ""
	}
	name, ok := evidence.ALabels(strings.TrimSuffix(given, "."))
	if !ok {
		return ""
	}
	return name
}

// validLiteral: an address in brackets (RFC 5321 §4.1.3).
func validLiteral(s string) bool {
	inner, ok := strings.CutSuffix(s[1:], "]")
	if !ok {
		return false
	}
	if len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:") {
		ip, err := netip.ParseAddr(inner[5:])
		return err == nil && ip.Is6()
	}
	ip, err := netip.ParseAddr(inner)
	return err == nil && ip.Is4()
}

// validHost: letters, digits and hyphens in labels of 1 to 63, and no number
// as the last one, which would be an address (RFC 1123 §2.1).
func validHost(name string) bool {
	if len(name) > 253 {
		return false
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			c := l[i] | 0x20
			if l[i] != '-' && (l[i] < '0' || l[i] > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != ""
}

// localNames are the names of no host in particular (RFC 6761 §6, RFC 6762)
// and those that installers leave behind.
var localNames = []string{"localhost", "localdomain", "local", "lan", "home", "internal", "invalid", "arpa"}

func isLocalName(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(localNames, name[strings.LastIndexByte(name, '.')+1:])
}
