// SPDX-License-Identifier: MIT

package dmarc

import (
	"context"
	"sync"

	"mailproof/dns"
)

// prefix is the label under which a domain publishes its record.
const prefix = "_dmarc."

// A Step is one name of a tree walk with what was found there.
type Step struct {
	Domain  string   // without _dmarc
	Records []Record // that begin with v=DMARC1
	Dropped []Record // the other TXT records, which RFC 9989 §4.10 says to discard
	CNAMEs  []string // followed to get there: a record kept by somebody else
	Err     error    // an *dns.Error: nobody knows
}

// Name is the name that was asked for.
func (s *Step) Name() string { return prefix + s.Domain }

// Record is the record that counts: if there is more than one, none does.
func (s *Step) Record() *Record {
	if len(s.Records) != 1 {
		return nil
	}
	return &s.Records[0]
}

// A Discovery is what DNS says about one domain.
type Discovery struct {
	Domain string
	// Steps in the order of the walk. All names are asked at once; Used is how
	// many of them count, since psd=y and psd=n end the walk.
	Steps []Step
	Used  int

	// The policy record for mail from Domain (RFC 9989 §4.10.1); nil without
	// Err: there is none. It may still be unusable.
	Record       *Record
	PolicyDomain string
	Place        Place
	CNAMEs       []string // of the policy record
	Err          error    // the question that leaves it undecided

	// Org is the organizational domain (§4.10.2); empty if OrgErr.
	Org    string
	OrgErr error
}

// Discover finds the policy record and the organizational domain of domain.
// A name that cannot be asked for gives a Discovery without steps.
func Discover(ctx context.Context, r dns.Resolver, domain string) Discovery {
	domain = clean(domain)
	if !validName(domain) {
		return Discovery{Domain: domain, Org: domain}
	}
	return discover(ctx, newMemo(r), domain)
}

// OrgDomain is the organizational domain of domain (RFC 9989 §4.10.2). The
// error is the *dns.Error of the question that leaves it undecided.
func OrgDomain(ctx context.Context, r dns.Resolver, domain string) (string, error) {
	d := Discover(ctx, r, domain)
	return d.Org, d.OrgErr
}

func discover(ctx context.Context, m *memo, domain string) Discovery {
	d := Discovery{Domain: domain, Steps: m.walk(ctx, domain)}
	d.findOrg()
	first := &d.Steps[0]
	switch {
	case first.Err != nil:
		d.Err = first.Err
	case first.Record() != nil:
		d.take(first, AtAuthor)
	case d.OrgErr != nil:
		d.Err = d.OrgErr
	default:
		d.findPolicyAbove()
	}
	return d
}

// findOrg is RFC 9989 §4.10.2. The walk ends at the first psd=y or psd=n, so
// the rules can be applied in its order.
func (d *Discovery) findOrg() {
	fewest := d.Domain
	for i := range d.Steps {
		s := &d.Steps[i]
		d.Used = i + 1
		if s.Err != nil {
			d.OrgErr = s.Err
			return
		}
		rec := s.Record()
		if rec == nil {
			continue
		}
		fewest = s.Domain
		if rec.PSD == "n" {
			break
		}
		if rec.PSD == "y" {
			if i > 0 { // at the name the walk began with it says nothing
				fewest = suffix(d.Domain, labels(s.Domain)+1)
			}
			break
		}
	}
	d.Org = fewest
}

// findPolicyAbove: first the organizational domain, then the public suffix.
func (d *Discovery) findPolicyAbove() {
	for i := range d.Steps[:d.Used] {
		s := &d.Steps[i]
		if s.Record() == nil {
			continue
		}
		if s.Domain == d.Org {
			d.take(s, AtOrg)
			return
		}
		if s.Record().PSD == "y" {
			d.take(s, AtPSD)
			return
		}
	}
}

func (d *Discovery) take(s *Step, place Place) {
	d.Record, d.PolicyDomain, d.Place, d.CNAMEs = s.Record(), s.Domain, place, s.CNAMEs
}

// memo asks each name once in one evaluation.
type memo struct {
	r  dns.Resolver
	mu sync.Mutex
	// steps by domain; the first to ask computes.
	steps map[string]func() Step
}

func newMemo(r dns.Resolver) *memo { return &memo{r: r, steps: map[string]func() Step{}} }

// walk asks for all names of the walk at once: they are few, and one after
// the other each would cost a round trip.
func (m *memo) walk(ctx context.Context, domain string) []Step {
	names := walkNames(domain)
	steps := make([]Step, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { steps[i] = m.step(ctx, name) })
	}
	wg.Wait()
	return steps
}

func (m *memo) step(ctx context.Context, domain string) Step {
	m.mu.Lock()
	get, known := m.steps[domain]
	if !known {
		get = sync.OnceValue(func() Step { return askStep(ctx, m.r, domain) })
		m.steps[domain] = get
	}
	m.mu.Unlock()
	return get()
}

func askStep(ctx context.Context, r dns.Resolver, domain string) Step {
	s := Step{Domain: domain}
	if len(prefix)+len(domain) > maxName {
		return s // no such name can exist
	}
	ans, err := r.Lookup(ctx, s.Name(), dns.TypeTXT)
	if err != nil {
		s.Err = err
		return s
	}
	s.CNAMEs = ans.CNAMEs
	for _, txt := range texts(ans) {
		rec := Parse(txt)
		if rec.Version {
			s.Records = append(s.Records, rec)
		} else {
			s.Dropped = append(s.Dropped, rec)
		}
	}
	return s
}

func texts(ans dns.Answer) []string {
	var out []string
	for _, rec := range ans.Records {
		if rec.Type == dns.TypeTXT {
			out = append(out, rec.Value)
		}
	}
	return out
}

// exists reports whether there is such a name, with records of whatever type:
// only NXDOMAIN says no (RFC 9989 §3.2.13).
func (m *memo) exists(ctx context.Context, domain string) (Tri, error) {
	ans, err := m.r.Lookup(ctx, domain, dns.TypeA)
	switch {
	case err != nil:
		return Unknown, err
	case ans.RCode == dns.NXDomain:
		return No, nil
	}
	return Yes, nil
}
