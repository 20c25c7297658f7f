// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"slices"
)

// Limits of an answer, whoever gives it: hostile mail chooses the names, and
// whoever publishes there chooses the answers. No honest mail domain is near.
const (
	MaxAnswer  = 64 << 10 // octets of all values together
	MaxRecords = 64       // records
	MaxCNAMEs  = 10       // followed for one question
)

// maxUnique is up to how many records of a name and type duplicates are looked
// for. Far beyond MaxRecords nobody sees them, and looking would take for ever.
const maxUnique = 1024

// A Zone is a closed world made from master files: a Resolver that answers from
// them alone, with NXDOMAIN for what is not there. It never changes once made.
type Zone struct {
	nodes     map[string]*node // by lower-case name; parents are there too
	failing   map[string]RCode
	secure    map[string]bool
	elsewhere bool // a name that is not here is not known, instead of absent
}

// A node is a name that exists, perhaps without any record.
type node struct {
	sets map[Type][]Record
}

func newZone() *Zone {
	return &Zone{
		nodes:   make(map[string]*node),
		failing: make(map[string]RCode),
		secure:  make(map[string]bool),
	}
}

// Merge returns one zone that knows what all of them know. A record that
// several have is there once.
func Merge(zones ...*Zone) *Zone {
	m := newZone()
	for _, z := range zones {
		for _, name := range sortedKeys(z.nodes) {
			m.exist(name)
			for _, t := range sortedKeys(z.nodes[name].sets) {
				for _, r := range z.nodes[name].sets[t] {
					m.add(r)
				}
			}
		}
		for name, code := range z.failing {
			m.failing[name] = code
		}
		for name := range z.secure {
			m.secure[name] = true
		}
		m.elsewhere = m.elsewhere || z.elsewhere
	}
	return m
}

// add puts r in unless it is there: RFC 2181 §5 knows no duplicates.
func (z *Zone) add(r Record) {
	n := z.exist(Lower(r.Name))
	set := n.sets[r.Type]
	if len(set) <= maxUnique && slices.ContainsFunc(set, func(o Record) bool { return sameRecord(o, r) }) {
		return
	}
	n.sets[r.Type] = append(set, r)
}

// exist makes name and all its parents exist.
func (z *Zone) exist(name string) *node {
	if n, ok := z.nodes[name]; ok {
		return n
	}
	n := &node{sets: make(map[Type][]Record)}
	z.nodes[name] = n
	if up := parent(name); up != "" {
		z.exist(up)
	}
	return n
}

// Lookup answers from the zone, following CNAMEs within it.
func (z *Zone) Lookup(_ context.Context, name string, t Type) (Answer, error) {
	at, err := Canonical(name, t)
	if err != nil {
		return Answer{}, err
	}
	ans := Answer{RCode: NoError, Secure: true, Source: SourceZone}
	shown := bare(name)
	for {
		set, wild, err := z.set(at, t)
		if err != nil {
			return Answer{}, asked(err, name)
		}
		ans.Secure = ans.Secure && (z.secure[at] || wild != "" && z.secure[wild])
		ans.Wildcard = wild
		if set == nil && wild == "" && z.nodes[at] == nil {
			ans.RCode = NXDomain
			return ans, nil
		}
		if len(set) == 0 || set[0].Type == t {
			ans.Records = owned(set, shown, wild)
			return Limit(name, t, ans)
		}
		shown = set[0].Value
		if ans.CNAMEs, err = FollowCNAME(name, t, ans.CNAMEs, shown); err != nil {
			return Answer{}, err
		}
		if at, err = Canonical(shown, t); err != nil {
			return Answer{}, asked(err, name)
		}
	}
}

// set finds the records of the type at a lower-case name, or its CNAME, made
// from a wildcard if need be (RFC 4592); wild is that wildcard's name.
func (z *Zone) set(at string, t Type) (set []Record, wild string, err error) {
	n := z.nodes[at]
	if n != nil && len(n.sets[t]) > 0 {
		return n.sets[t], "", nil
	}
	if code, ok := z.failing[at]; ok {
		return nil, "", &Error{Name: at, Type: t, Code: code}
	}
	if n == nil {
		if n, wild = z.wildcard(at); n == nil {
			if z.elsewhere {
				return nil, "", &Error{Name: at, Type: t, Code: NotRecorded}
			}
			return nil, "", nil
		}
		if len(n.sets[t]) > 0 {
			return n.sets[t], wild, nil
		}
		if code, ok := z.failing[wild]; ok {
			return nil, "", &Error{Name: at, Type: t, Code: code}
		}
	}
	return n.sets[TypeCNAME], wild, nil
}

// wildcard finds the wildcard for a name that does not exist: the one right
// under its closest encloser, and no other (RFC 4592 §3.3.1).
func (z *Zone) wildcard(at string) (*node, string) {
	for up := parent(at); up != ""; up = parent(up) {
		if _, ok := z.nodes[up]; ok {
			name := join("*", up)
			return z.nodes[name], name
		}
	}
	return nil, ""
}

// owned returns a copy of set; what a wildcard made belongs to the name asked.
func owned(set []Record, name, wild string) []Record {
	out := slices.Clone(set)
	for i := range out {
		if wild != "" {
			out[i].Name = name
		}
	}
	return out
}

// Limit returns the answer if it is within MaxAnswer and MaxRecords, else an
// *Error with TooLarge. Every resolver that makes answers ends with it.
func Limit(name string, t Type, a Answer) (Answer, error) {
	size := 0
	for _, r := range a.Records {
		size += len(r.Value)
	}
	if size > MaxAnswer || len(a.Records) > MaxRecords {
		return Answer{}, &Error{Name: name, Type: t, Code: TooLarge}
	}
	return a, nil
}

// FollowCNAME adds target to the CNAMEs followed for a question, or says with
// an *Error that there are too many: RFC 1034 §3.6.2 leaves loops to us.
func FollowCNAME(name string, t Type, chain []string, target string) ([]string, error) {
	same := func(c string) bool { return Lower(c) == Lower(target) }
	loop := same(bare(name)) || slices.ContainsFunc(chain, same)
	if loop || len(chain) >= MaxCNAMEs {
		return nil, &Error{Name: name, Type: t, Code: BadAnswer, Detail: "CNAMEs end nowhere"}
	}
	return append(chain, target), nil
}

// asked puts the name of the question into an error met behind a CNAME.
func asked(err error, name string) error {
	e := *AsError(err, name, "")
	if Lower(bare(name)) != Lower(e.Name) {
		e.Detail = "at " + e.Name
	}
	e.Name = name
	return &e
}
