// SPDX-License-Identifier: MIT

package dkim

import (
	"context"
	"strings"
	"sync"
	"time"

	"mailproof/dns"
)

// DefaultMaxSignatures is how many signatures are verified: a mail with more
// is an attack on the verifier, not better signed.
const DefaultMaxSignatures = 10

// ClockSkew is how far ahead t= may lie before it is noted: clocks differ.
const ClockSkew = 5 * time.Minute

// Options say how to verify.
type Options struct {
	// Now is when the message was received, against which x= and t= are held.
	// If zero they are not judged.
	Now time.Time
	// MaxSignatures bounds the verified signatures; 0 means
	// DefaultMaxSignatures.
	MaxSignatures int
}

// A Verdict is all that is known about one signature.
type Verdict struct {
	// Signature holds the tags; never nil.
	*Signature

	Index int    // among the DKIM-Signature fields, from the top
	Field []byte // the field as received

	Result Result
	Reason Reason // of the first problem; empty if passed
	Detail string // Sub and Detail of the first problem
	// Problems are all that keep the signature from passing, the most
	// decisive first: the signature's own, the key's, policy, the digests, x=.
	Problems []Problem
	Notes    []Note

	Key      *Key // nil if it was not asked for
	KeyType  string
	KeyBits  int
	KeyNotes string // n= of the key
	Testing  bool   // t=y of the key (RFC 6376 §3.6.1)
	Strict   bool   // t=s of the key

	// Body is what was computed; Digest nil if it was not.
	Body       BodySum
	BodyHashOK bool // Body.Digest is bh=, and l= is not beyond the body
	// HeaderDigest is what b= must sign; nil if it was not computed.
	HeaderDigest []byte
	// HeaderChecked tells that there was a key to check b= with.
	HeaderChecked bool
	HeaderHashOK  bool // b= signs HeaderDigest under the key

	// NormalizedLF: it would pass if every bare LF were CRLF.
	NormalizedLF bool

	Coverage []Coverage
}

// Verify verifies the signatures of a message and returns one verdict for
// each DKIM-Signature field, in wire order; none for an unsigned message.
// It waits for no longer than ctx and the resolver allow.
func Verify(ctx context.Context, r dns.Resolver, raw []byte, o Options) []Verdict {
	return Prepare(raw).Verify(ctx, r, o)
}

// Verify verifies the signatures; see the function Verify. The body hashes
// are computed while the questions are on their way, and kept for next time.
func (m *Message) Verify(ctx context.Context, r dns.Resolver, o Options) []Verdict {
	most := o.MaxSignatures
	if most <= 0 {
		most = DefaultMaxSignatures
	}
	evaluated := m.sigs[:min(most, len(m.sigs))]
	keys := askKeys(ctx, r, evaluated)
	out := make([]Verdict, len(m.sigs))
	for i, s := range m.sigs {
		v := &out[i]
		*v = Verdict{Signature: s.Signature, Index: i, Field: m.Fields[s.field].Raw}
		if i >= most {
			v.Result, v.Reason = Neutral, TooManySignatures
			v.Problems = []Problem{{Result: Neutral, Reason: TooManySignatures, Pos: -1}}
			continue
		}
		v.digest(m)
		if m.Cut { // which field h= selects is not known
			v.Problems = []Problem{{Result: PermError, Reason: HeaderTooLarge, Pos: -1}}
		}
	}
	for i := range evaluated {
		v := &out[i]
		v.Key = keys.wait(v.KeyName)
		v.judge(o)
		if v.Result == Fail && !m.Cut && (!v.BodyHashOK || !v.HeaderHashOK) {
			m.tryNormal(v, o)
		}
	}
	return out
}

// tryNormal tries once more with bare LF made CRLF.
func (m *Message) tryNormal(v *Verdict, o Options) {
	n := m.normal()
	if n == nil || v.Index >= len(n.sigs) {
		return
	}
	s := n.sigs[v.Index]
	again := Verdict{Signature: s.Signature, Index: v.Index, Key: v.Key}
	again.digest(n)
	again.judge(o)
	if again.Result == Pass {
		v.NormalizedLF = true
		v.Notes = append(v.Notes, Note{Code: NoteBareLF, Pos: -1})
	}
}

// pendingKeys are questions on their way, by name in lower case.
type pendingKeys map[string]func() *Key

// askKeys asks for all keys at once, each name once. Signatures with errors
// of their own cannot pass, so their names are not asked for.
func askKeys(ctx context.Context, r dns.Resolver, sigs []parsedSig) pendingKeys {
	keys := make(pendingKeys, len(sigs))
	for _, s := range sigs {
		name := strings.ToLower(s.KeyName)
		if name == "" || len(s.problems) > 0 || keys[name] != nil {
			continue
		}
		asked := s.KeyName
		done := sync.OnceValue(func() *Key { return LookupKey(ctx, r, asked) })
		keys[name] = done
		go func() {
			defer func() { _ = recover() }() // wait panics again, where the caller can recover
			done()
		}()
	}
	return keys
}

func (p pendingKeys) wait(name string) *Key {
	if get := p[strings.ToLower(name)]; get != nil {
		return get()
	}
	return nil
}
