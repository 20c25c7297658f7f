// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The functions here ask one question of a resolver and read the values. An
// empty result without an error means that there is nothing; NXDOMAIN and "no
// such type" are the same to their callers. Errors are *Error.

// An MXHost is one mail host of a domain. The host of a null MX is ".".
type MXHost struct {
	Pref uint16
	Host string
}

// TXT returns the texts of name, each with its strings joined.
func TXT(ctx context.Context, r Resolver, name string) ([]string, error) {
	return values(ctx, r, name, TypeTXT)
}

// MX returns the mail hosts of name, most preferred first, equals by name.
func MX(ctx context.Context, r Resolver, name string) ([]MXHost, error) {
	vs, err := values(ctx, r, name, TypeMX)
	if err != nil {
		return nil, err
	}
	hosts := make([]MXHost, 0, len(vs))
	for _, v := range vs {
		pref, host, ok := strings.Cut(v, " ")
		n, err := strconv.ParseUint(pref, 10, 16)
		if err != nil || !ok {
			return nil, &Error{Name: name, Type: TypeMX, Code: BadAnswer, Detail: v}
		}
		hosts = append(hosts, MXHost{Pref: uint16(n), Host: host})
	}
	slices.SortStableFunc(hosts, func(a, b MXHost) int {
		if a.Pref != b.Pref {
			return int(a.Pref) - int(b.Pref)
		}
		return strings.Compare(Lower(a.Host), Lower(b.Host))
	})
	return hosts, nil
}

// Addrs asks for A and AAAA of name at the same time and returns all addresses,
// IPv4 first. If one question fails, the addresses of the other are returned
// with the error.
func Addrs(ctx context.Context, r Resolver, name string) ([]netip.Addr, error) {
	types := [2]Type{TypeA, TypeAAAA}
	var found [2][]netip.Addr
	var errs [2]error
	var wg sync.WaitGroup
	wg.Go(func() { found[1], errs[1] = addrs(ctx, r, name, types[1]) })
	found[0], errs[0] = addrs(ctx, r, name, types[0])
	wg.Wait()
	all := append(found[0], found[1]...)
	if errs[0] != nil {
		return all, errs[0]
	}
	return all, errs[1]
}

func addrs(ctx context.Context, r Resolver, name string, t Type) ([]netip.Addr, error) {
	vs, err := values(ctx, r, name, t)
	if err != nil {
		return nil, err
	}
	out := make([]netip.Addr, 0, len(vs))
	for _, v := range vs {
		a, err := netip.ParseAddr(v)
		if err != nil {
			return nil, &Error{Name: name, Type: t, Code: BadAnswer, Detail: v}
		}
		out = append(out, a)
	}
	return out, nil
}

// PTR returns the names of an address.
func PTR(ctx context.Context, r Resolver, addr netip.Addr) ([]string, error) {
	return values(ctx, r, ReverseName(addr), TypePTR)
}

// Exists reports whether name exists, with records of any type or none. It
// asks for A, as the likeliest to be asked anyway.
func Exists(ctx context.Context, r Resolver, name string) (bool, error) {
	ans, err := r.Lookup(ctx, name, TypeA)
	if err != nil {
		return false, AsError(err, name, TypeA)
	}
	return ans.RCode == NoError, nil
}

// CodeOf is the RCode of an error from a resolver, Timeout for one that is no
// *Error, and empty for nil.
func CodeOf(err error) RCode {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Timeout
}

func values(ctx context.Context, r Resolver, name string, t Type) ([]string, error) {
	ans, err := r.Lookup(ctx, name, t)
	if err != nil {
		return nil, AsError(err, name, t)
	}
	out := make([]string, len(ans.Records))
	for i, rec := range ans.Records {
		out[i] = rec.Value
	}
	return out, nil
}
