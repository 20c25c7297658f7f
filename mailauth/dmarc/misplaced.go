// SPDX-License-Identifier: MIT

package dmarc

import (
	"context"
	"sync"

	"mailproof/dns"
)

// A Misplaced record is one that nobody asks for.
type Misplaced struct {
	Name   string
	Record Record
}

// FindMisplaced looks for a DMARC record at the names where it ends up by
// mistake: without _dmarc, without its underscore, and with the domain written
// twice. Ask it only where no record was found. Questions without an answer
// find nothing.
func FindMisplaced(ctx context.Context, r dns.Resolver, domain string) []Misplaced {
	domain = clean(domain)
	if !validName(domain) {
		return nil
	}
	names := []string{domain, "dmarc." + domain, prefix + domain + "." + domain}
	found := make([][]Misplaced, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		if len(name) > maxName {
			continue
		}
		wg.Go(func() {
			ans, err := r.Lookup(ctx, name, dns.TypeTXT)
			if err != nil {
				return
			}
			for _, txt := range texts(ans) {
				if rec := Parse(txt); rec.Version {
					found[i] = append(found[i], Misplaced{name, rec})
				}
			}
		})
	}
	wg.Wait()
	var all []Misplaced
	for _, f := range found {
		all = append(all, f...)
	}
	return all
}
