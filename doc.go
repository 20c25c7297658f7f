// SPDX-License-Identifier: MIT

// Package mailproof is the map of a self-hosted mail deliverability tester.
// The program is cmd/tester; every other package is one noun and one sentence.
//
//	cmd/tester      Turns a command line into one of the commands and an exit status.
//	config          Reads flags, environment and file into one value and says everything wrong with it at once.
//	testaddr        Mints and recognises test addresses.
//	smtpd           Receives mail for test addresses and answers 250 only once it is safe.
//	evidence        Holds what was observed of one delivery: bytes, envelope, session.
//	store           Says what keeping tests, deliveries and reports means; store/bolt does it, store/storetest decides whether it does.
//	dns             Answers DNS questions from a zone file, an overlay, a recording or (dns/live) the network; dns/zoned serves zones.
//	finding         Defines what a check can say.
//	check           Runs independent checks over one evidence value; check/checktest holds the properties every check must have.
//	checks          Lists every group of checks, in report order.
//	mailauth/*      Evaluates one standard (spf, dkim, dmarc) strictly and keeps every step.
//	checks/auth     Checks SPF, DKIM and DMARC.
//	checks/host     Checks the sending host: PTR, HELO, TLS.
//	checks/domain   Checks what the sender's domains publish: MX and addresses.
//	checks/message  Checks header fields, lines and structure.
//	rbl             Checks reputation lists, and whether a list can be believed.
//	scoring         Turns findings into a score.
//	report          Is what one analysis concluded, in no particular language.
//	analysis        Takes evidence to a report, and works through the store's backlog.
//	text            Finds sentences by key, language and parameters.
//	render          Prints a report as the API's document, as JSON and as terminal text.
//	webui           Shows tests and reports in a browser and as JSON.
//	fixtures        Holds whole deliveries with the report each must produce.
//
// A mail travels like this: smtpd records bytes and session and hands them to
// the store, which makes them durable; then comes the 250. An analysis worker
// takes the message from the backlog, check runs every check over it at once,
// scoring adds the findings up, and the report goes back into the store. The
// page and the API turn it into sentences.
package mailproof
