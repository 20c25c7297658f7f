// SPDX-License-Identifier: MIT

package dns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"mailproof/dns"
)

// laxer are texts that the oracle takes though RFC 1035 does not: no data, too
// few fields, a name of 257 octets.
var laxer = []string{
	"a A\n", "a SOA a b 1 2 3 4\n", "a TLSA 1 2 3\n", strings.Repeat("a.", 128) + " A 1.2.3.4\n",
}

// TestZoneAgainstOracle reads files with the parser of miekg/dns as well: both
// take them or neither, and both find the same records.
func TestZoneAgainstOracle(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		world, before,
		"$TTL 1w2d3h4m5s\na 1H IN A 1.2.3.4\nb IN 2h A 1.2.3.4\nc 3 A 1.2.3.4\nd A 1.2.3.4\n",
		"$TTL 5\na A 1.2.3.4\r\n  AAAA ::ffff:1.2.3.4\r\n\r\n\t\tTXT \"x\"\r\n",
		"$TTL 5\na TXT ( \"a\" ; one\n \"b;c\" ) ; two\n  TXT \"()\" \\;\\(\\) d\\\"e\n",
		"$TTL 5\n$ORIGIN o.\n@ MX 1 @\n$ORIGIN sub\n@ MX 1 x\nabs. MX 1 y.\n",
		"$TTL 5\na\\.b.c\\032d\\255 NS \\@.\\065x\n*.w NS *.\\*\n",
		"$TTL 5\na TXT \"\" \"\\000\\010\\\\\" \\032\n",
		"$TTL 5\n@ SOA ns hm 1 1h 2m 3w 4\na SRV 1 2 3 .\nb TLSA 3 1 1 AB CD\n",
		"a A 1.2.3\n", "a MX x y\n", "a TXT \"open\n", "a A 1.2.3.4 5\n", "a..b A 1.2.3.4\n", "a TXT )\n",
		"a SRV 1 2 3\n", "$TTL\na A 1.2.3.4\n", "a NOPE x\n",
		strings.Repeat("a", 64) + " A 1.2.3.4\n",
	} {
		z, err := dns.ParseZone(strings.NewReader(text), "zone")
		theirs, terr := oracle(text)
		if (err == nil) != (terr == nil) {
			t.Errorf("%q\n ours: %v\ntheirs: %v", text, err, terr)
			continue
		}
		if err != nil {
			continue
		}
		ours, oerr := oracle(z.String())
		if oerr != nil || !slices.Equal(ours, theirs) {
			t.Errorf("%q: %v\n ours: %q\ntheirs: %q", text, oerr, ours, theirs)
		}
	}
}

func TestZoneIsStricterThanOracle(t *testing.T) {
	t.Parallel()
	for _, text := range laxer {
		if _, err := dns.ParseZone(strings.NewReader(text), "zone"); err == nil {
			t.Errorf("%.40q was taken", text)
		}
		if _, err := oracle(text); err != nil {
			t.Errorf("%.40q: the oracle is as strict now: %v", text, err)
		}
	}
}

// oracle returns the records of text on the wire, without those it repeats.
func oracle(text string) ([]string, error) {
	p := wire.NewZoneParser(strings.NewReader(text), ".", "zone")
	p.SetDefaultTTL(3600)
	var all []string
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		b := make([]byte, 70000)
		n, err := wire.PackRR(rr, b, 0, nil, false)
		if err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprintf("%x", b[:n]))
	}
	slices.Sort(all)
	return slices.Compact(all), p.Err()
}
