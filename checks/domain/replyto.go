// SPDX-License-Identifier: MIT

package domain

import (
	"context"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
)

var (
	replyPass      = finding.Spec{ID: "mx.reply-to-pass", Status: finding.Pass, Params: []string{"domain"}}
	replyDead      = finding.Spec{ID: "mx.reply-to-dead", Status: finding.Warn, Weight: 5, Params: []string{"domain"}, Refs: []string{"RFC 5321 §5.1"}}
	replyTempError = finding.Spec{ID: "mx.reply-to-temperror", Status: finding.Unknown, Params: []string{"domain", "code"}}
)

// replyTo asks whether answers can be delivered, where they go elsewhere.
var replyTo = check.Check{
	ID:      "mx.reply-to",
	Needs:   check.NeedMessage,
	Applies: func(in *check.Input) bool { return len(domainsOf(in.Msg, "Reply-To")) > 0 },
	Specs:   []finding.Spec{replyPass, replyDead, replyTempError},
	Run: func(ctx context.Context, in *check.Input) []finding.Finding {
		var found []finding.Finding
		for _, name := range domainsOf(in.Msg, "Reply-To") {
			d, err := Hosts.Get(ctx, in, name)
			if err != nil {
				return nil
			}
			found = append(found, judgeReply(in, name, d))
		}
		return found
	},
}

func judgeReply(in *check.Input, name string, d MailDomain) finding.Finding {
	u := use{seen: []finding.Observation{{Kind: "header", Label: "Reply-To", Value: in.Msg.Decoded("Reply-To")}}}
	p := finding.Params{"domain": name}
	for _, h := range d.Hosts {
		u.see("MX "+name, h.Record)
		u.see("A, AAAA "+h.Name, join(h.Addrs))
	}
	yes, known := d.Receives()
	switch {
	case yes:
		return replyPass.At(name, p, u.seen...)
	case known:
		return replyDead.At(name, p, u.seen...).Fixed(finding.Fix{})
	}
	p["code"] = string(d.Code)
	for _, h := range d.Hosts {
		if h.Code != "" {
			p["code"] = string(h.Code)
		}
	}
	if p["code"] == "" {
		p["code"] = string(dns.Timeout)
	}
	return replyTempError.At(name, p, u.seen...)
}
