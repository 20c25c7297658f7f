// SPDX-License-Identifier: MIT

package dns

// An Action says what a Change does.
type Action string

// The actions of a Change.
const (
	Add     Action = "add"
	Replace Action = "replace"
	Remove  Action = "remove"
)

// By says who can publish a change.
type By string

// Who publishes: the owner of the domain, or of the network (PTR records).
const (
	ByDomain  By = "domain"
	ByNetwork By = "network"
)

// A Change adds, replaces or removes one record; other records of the name
// and type stay. Remove with an empty Old empties the whole set.
// Its JSON form is the contract's fix.dns object.
type Change struct {
	Action Action `json:"action"`
	Name   string `json:"name"`
	Type   Type   `json:"type"`
	TTL    uint32 `json:"ttl,omitempty"`
	Old    string `json:"old,omitempty"`
	Value  string `json:"value,omitempty"`
	By     By     `json:"by,omitempty"`
}
