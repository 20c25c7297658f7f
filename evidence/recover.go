// SPDX-License-Identifier: MIT

package evidence

import "strings"

// Recover completes given with what the message claims about its own
// delivery, for messages that we did not receive ourselves: client and HELO
// name of the first Received field from the top whose from part holds a
// public address, MAIL FROM of the first Return-Path. What is taken is named
// in Recovered. A name goes with its address: with another client given, only
// the hop of that client can tell the name.
func Recover(msg *Message, given Session) Session {
	s := given
	for _, h := range msg.Hops() {
		if !h.IP.IsValid() || !Public(h.IP) || s.ClientIP.IsValid() && s.ClientIP != h.IP {
			continue
		}
		if !s.ClientIP.IsValid() {
			s.ClientIP = h.IP
			s.Recovered = append(s.Recovered, "client_ip")
		}
		if s.Helo == "" && h.Helo != "" {
			s.Helo = h.Helo
			s.Recovered = append(s.Recovered, "helo")
		}
		break
	}
	if f, ok := msg.Get("Return-Path"); ok && !s.HasMailFrom {
		if from, ok := returnPath(f.Value); ok {
			s.MailFrom, s.HasMailFrom = from, true
			s.Recovered = append(s.Recovered, "mail_from")
		}
	}
	return s
}

// returnPath reads "<>" and "<local@domain>", with or without brackets.
func returnPath(value string) (string, bool) {
	value = strings.TrimSpace(value)
	if value == "<>" {
		return "", true
	}
	list, err := ParseAddressList(value)
	if all := list.Addresses(); err == nil && len(all) == 1 {
		return all[0].Addr(), true
	}
	return "", false
}
