// SPDX-License-Identifier: MIT

package webui_test

import (
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/render"
	"mailproof/report"
)

func sampleFindings() []render.Finding {
	spf := "v=spf1 a:mail.harbour-books.example mx include:_spf.postwerk.example ~all"
	return []render.Finding{
		{
			ID: "spf.softfail", Check: "spf", Section: "authentication", Status: finding.Fail, Weight: 15, Penalty: 15,
			Subject: "mail.harbour-books.example", Title: "SPF: 203.0.113.57 is not among the servers you named",
			Summary:  "mail.harbour-books.example publishes a list of servers that may send for it. 203.0.113.57 is not on it.",
			Why:      "QQ refuses such mail; Gmail, Yahoo and Microsoft do so for bulk senders.",
			Evidence: []render.Observation{{Kind: "dns", Label: "Record", Value: spf}, {Kind: "session", Label: "Client", Value: "203.0.113.57"}},
			Fix: &render.Fix{
				Summary: "Name the second server in SPF", Steps: []string{"Publish the record.", "Wait for the old one to expire."},
				DNS: []dns.Change{{
					Action: dns.Replace, Name: "mail.harbour-books.example", Type: dns.TypeTXT, Old: spf, By: dns.ByDomain,
					Value: "v=spf1 ip4:203.0.113.57 a:mail.harbour-books.example mx include:_spf.postwerk.example ~all",
				}, {Action: dns.Remove, Name: "old.harbour-books.example", Type: dns.TypeCNAME, Old: "x.example", By: dns.ByDomain},
					{Action: dns.Add, Name: "57.113.0.203.in-addr.arpa", Type: dns.TypePTR, Value: "mail2.harbour-books.example", By: dns.ByNetwork}},
				Header: []finding.HeaderChange{{Action: "add", Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"}},
			},
			Refs: []render.Ref{{Title: "RFC 7208 §2.6.5", URL: "https://www.rfc-editor.org/rfc/rfc7208"}, {Title: "RFC 1", URL: ""}},
		},
		{ID: "dkim.temperror", Check: "dkim", Section: "authentication", Status: finding.Unknown, Subject: "ed1", Title: "DKIM: the second signature could not be checked", Why: "No answer came."},
		{ID: "dkim.pass", Check: "dkim", Section: "authentication", Status: finding.Pass, Subject: "k1", Title: "DKIM: signature k1 is valid"},
		{ID: "arc.none", Check: "arc", Section: "authentication", Status: finding.Skipped, Title: "ARC: the mail was not forwarded"},
		{ID: "helo.other-name", Check: "helo", Section: "sender", Status: finding.Warn, Weight: 2, Penalty: 2, Title: "HELO: the server uses another server’s name", Claimed: "As the message itself claims.", Fix: &render.Fix{Summary: "Let the server introduce itself by its own name"}},
		{ID: "mx.cname", Check: "mx", Section: "dns", Status: finding.Info, Title: "DNSSEC: the zone is not signed"},
		{ID: "score.capped", Check: "scoring", Section: "rbl", Status: finding.Fail, Penalty: 36, Subject: "203.0.113.57", Title: "Cap: a listing allows no more than 4.7"},
		{ID: "line.long", Check: "lines", Section: "message", Status: finding.Warn, Weight: 2, Title: "A line is long"},
		{ID: "filters.none", Check: "filters", Section: "filters", Status: finding.Skipped, Title: "SpamAssassin: not set up on this instance"},
	}
}

func sampleSession() report.Session {
	from := "bounce@mail.harbour-books.example"
	return report.Session{
		ClientIP: "203.0.113.57", ClientPort: 40112, Helo: "mail.harbour-books.example", EHLO: true, MailFrom: &from,
		RcptTo: "k7m2xq9tfw4h@in.mailproof.example", TLS: &report.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256"}, TLSKnown: true,
		BodyType: "8BITMIME", Size: 347214, Recovered: []string{"helo"},
		Dialogue: []report.Line{
			{AtMS: 0, From: "server", Line: "220 mx.mailproof.example ESMTP"},
			{AtMS: 41, From: "client", Line: "EHLO mail.harbour-books.example"},
			{AtMS: 42, From: "server", Line: "250-mx.mailproof.example"},
			{AtMS: 42, From: "server", Line: "250 STARTTLS"},
			{AtMS: 83, From: "client", Line: "STARTTLS"},
			{AtMS: 84, From: "server", Line: "220 2.0.0 Go ahead"},
			{AtMS: 212, From: "client", Line: "MAIL FROM:<bounce@mail.harbour-books.example>"},
		},
	}
}

func sampleMail() report.Mail {
	return report.Mail{
		From: "Harbour Books <news@harbour-books.example>", FromDomain: "harbour-books.example", To: "k7m2xq9tfw4h@in.mailproof.example",
		Subject: "Your November reading list", MessageID: "<1@harbour-books.example>", Date: noon, Size: 347214,
		Parts: &report.Part{ContentType: "multipart/mixed", Size: 345102, Parts: []*report.Part{
			{ContentType: "text/html", Charset: "utf-8", Encoding: "quoted-printable", Size: 9811},
			{ContentType: "application/pdf", Encoding: "base64", Disposition: "attachment", Filename: "november.pdf", Size: 216060},
		}},
		Hops: []report.Hop{
			{From: "mail2.harbour-books.example", IP: "203.0.113.57", By: "app.harbour-books.example", With: "ESMTPS", At: "2026-11-21T09:14:06Z"},
			{From: "crm01.internal", IP: "10.0.8.4", By: "mail2.harbour-books.example", With: "SMTP"},
		},
		Header: []report.Field{{Name: "From", Value: "Harbour Books <news@harbour-books.example>"}, {Name: "Subject", Value: "Your November reading list"}, {Name: "Received", Value: "from x"}},
	}
}

func sampleAuthentication() report.Authentication {
	return report.Authentication{
		SPF: &report.SPF{Result: "softfail", Domain: "mail.harbour-books.example", Record: "v=spf1 … ~all", Matched: "~all", Lookups: 3, VoidLookups: 1,
			Trace: &report.SPFTrace{Domain: "mail.harbour-books.example", Record: "v=spf1 mx include:_spf.postwerk.example ~all", Result: "softfail", Terms: []report.SPFTerm{
				{Text: "mx", Outcome: "no-match", Detail: "203.0.113.50", Lookups: 1},
				{Text: "include:_spf.postwerk.example", Outcome: "no-match", Lookups: 2, Child: &report.SPFTrace{
					Domain: "_spf.postwerk.example", Record: "v=spf1 a:out.postwerk.example -all", Result: "fail",
					Terms: []report.SPFTerm{{Text: "a:out.postwerk.example", Outcome: "error", Detail: "NXDOMAIN", Lookups: 3}, {Text: "-all", Outcome: "match", Lookups: 3}},
				}},
				{Text: "~all", Outcome: "match", Lookups: 3}, {Text: "ip4:192.0.2.1", Outcome: "not-reached", Lookups: 3},
			}}},
		DKIM: []report.DKIM{
			{Result: "pass", Domain: "harbour-books.example", Selector: "k1", Algorithm: "rsa-sha256", KeyBits: 1024, Canonicalization: "relaxed/relaxed", SignedHeaders: []string{"from", "from", "subject"}},
			{Result: "temperror", Domain: "mail.harbour-books.example", Selector: "ed1", Algorithm: "ed25519-sha256", Reason: "key-timeout"},
		},
		DMARC: report.DMARC{Result: "pass", FromDomain: "harbour-books.example", PolicyDomain: "harbour-books.example", Record: "v=DMARC1; p=none", Policy: "none", Disposition: "none",
			Alignment: report.Alignment{SPF: report.Aligned{Mode: "relaxed", Domain: "mail.harbour-books.example"}, DKIM: report.Aligned{Aligned: true, Mode: "relaxed", Domain: "harbour-books.example"}},
			RFC7489:   report.RFC7489{Result: "pass", PolicyDomain: "harbour-books.example", Policy: "none"}},
		IPRev:  &report.IPRev{Result: "pass", Names: []string{"mail2.harbour-books.example"}},
		Header: "mx.mailproof.example; spf=softfail",
	}
}

func sampleLists() []render.List {
	return []render.List{
		{List: report.List{List: "Spamhaus ZEN", Kind: "ip", Target: "203.0.113.57", Status: "listed", Health: "ok", Codes: []string{"127.0.0.2"}, Text: []string{"https://check.example/"}, Tier: "high", URL: "https://check.spamhaus.example/"}, Meaning: "SBL: sends spam", Penalty: 36},
		{List: report.List{List: "URIBL", Kind: "domain", Target: "harbour-books.example", Status: "refused", Health: "refused", Tier: "high"}, Meaning: ""},
		{List: report.List{List: "DNSWL", Kind: "allow", Target: "203.0.113.57", Status: "clean", Health: "ok", Tier: "low"}},
		{List: report.List{List: "Validity", Kind: "ip", Target: "203.0.113.57", Status: "skipped", Tier: "low"}},
	}
}

func sampleQuestions() []render.Question {
	return []render.Question{
		{Name: "mail.harbour-books.example", Type: dns.TypeTXT, RCode: dns.NoError, Answers: []string{"v=spf1 … ~all"}, TTL: 300, RTTMS: 41.2, Source: dns.SourceLive},
		{Name: "out.postwerk.example", Type: dns.TypeA, RCode: dns.NXDomain, RTTMS: 58, Source: dns.SourceLive},
		{Name: "ed1._domainkey.mail.harbour-books.example", Type: dns.TypeTXT, RCode: dns.Timeout, RTTMS: 400, Source: dns.SourceLive},
		{Name: "mx.harbour-books.example", Type: dns.TypeA, RCode: dns.NoError, CNAME: []string{"mail.harbour-books.example"}, Answers: []string{"203.0.113.50"}, RTTMS: 40, Authenticated: true, Source: dns.SourceLive},
	}
}
