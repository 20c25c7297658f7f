// SPDX-License-Identifier: MIT

package smtpd

import (
	"context"
	"errors"
)

// A reply is one line to the client, without its line end. Replies never hold
// an error's text or anything the client sent: what is internal stays inside,
// and what is hostile is not echoed.
type reply string

// Every reply of the front. go-smtp's own words reach the client only where it
// refuses the grammar of MAIL, RCPT or their parameters.
const (
	replyMailOK   reply = "250 2.1.0 Sender ok"
	replyRcptOK   reply = "250 2.1.5 Recipient ok"
	replyKept     reply = "250 2.6.0 Message is on disk and will be analysed"
	replyReset    reply = "250 2.0.0 Reset"
	replyNoop     reply = "250 2.0.0 Nothing done"
	replyVrfy     reply = "252 2.5.0 Cannot say, send the mail and see"
	replyHelp     reply = "214 2.0.0 RFC 5321 is the help"
	replyGoOn     reply = "354 Send the message, end with a dot on a line of its own"
	replyBye      reply = "221 2.0.0 Bye"
	replyStartTLS reply = "220 2.0.0 Start TLS"

	replyShutdown    reply = "421 4.3.2 Service is shutting down, try again later"
	replyCrashed     reply = "421 4.3.0 Something broke here, try again later"
	replyIdle        reply = "421 4.4.2 Timed out"
	replySessionOver reply = "421 4.4.2 Session has lasted too long"
	replyTooSlow     reply = "421 4.4.2 Message comes in too slowly"
	replyBusy        reply = "421 4.3.2 Too many sessions, try again later"
	replyBusyClient  reply = "421 4.7.0 Too many sessions from your address, try again later"
	replyBusyNetwork reply = "421 4.7.0 Too many sessions from your network, try again later"
	replyBadCommands reply = "421 4.7.0 Too many bad commands"
	replyCommands    reply = "421 4.7.0 Too many commands without a message"
	replyGuessing    reply = "421 4.7.0 Too many unknown recipients"
	replyHTTP        reply = "421 4.7.0 This is a mail server"
	replyUnclear     reply = "421 4.7.0 Text after a refused DATA, closing"
	replyProxyBad    reply = "421 4.7.0 PROXY header is not valid"

	replyUnknown     reply = "500 5.5.2 Command is not known"
	replyControl     reply = "500 5.5.2 Control characters or invalid UTF-8 in a command"
	replyLineTooLong reply = "500 5.5.2 Line is too long, closing"
	replyHeloSyntax  reply = "501 5.5.4 A host name is needed"
	replyArgument    reply = "501 5.5.4 No argument is allowed"
	replyNotDone     reply = "502 5.5.1 Command is not implemented"
	replyNoTLS       reply = "502 5.5.1 TLS is not offered"
	replyBdat        reply = "502 5.5.1 BDAT was not offered, closing"
	replySequence    reply = "503 5.5.1 Bad sequence of commands"
	replyNested      reply = "503 5.5.1 Sender is already given"
	replyTLSAlready  reply = "503 5.5.1 TLS is on already"

	replyTooMuch      reply = "452 4.3.1 Too much mail at once from your network, try again later"
	replyStoreFull    reply = "452 4.3.1 No room to store the message, try again later"
	replyTestFull     reply = "452 4.2.2 This test holds as many messages as it may"
	replyRecipients   reply = "452 4.5.3 Too many recipients for one message"
	replyLocalError   reply = "451 4.3.0 Message could not be stored, try again later"
	replyNoAddress    reply = "550 5.1.1 No such test address"
	replyRelay        reply = "550 5.7.1 No relaying"
	replyTooLarge     reply = "552 5.3.4 Message is larger than SIZE allows"
	replyPathTooLong  reply = "553 5.1.7 Address is too long"
	replyPathControl  reply = "553 5.1.7 Control characters in the address"
	replySourceRoute  reply = "553 5.1.7 Source routes are not accepted"
	replyNeedSMTPUTF8 reply = "553 5.6.7 Address needs SMTPUTF8"
)

// Reasons of an Attempt.
const (
	reasonTooLarge  = "too-large"
	reasonLimit     = "limit"
	reasonBrokenOff = "broken-off"
	reasonTimedOut  = "timed-out"
	reasonRefused   = "refused"
	reasonStoreFull = "store-full"
	reasonBadData   = "bad-data"
)

// inboxReply is what an error of the Inbox becomes for the client, and the
// reason under which a failed attempt is recorded.
func inboxReply(err error) (reply, string) {
	switch {
	case err == nil:
		return "", ""
	case errors.Is(err, ErrNoSuchAddress):
		return replyNoAddress, reasonRefused
	case errors.Is(err, ErrTestFull):
		return replyTestFull, reasonLimit
	case errors.Is(err, ErrStoreFull):
		return replyStoreFull, reasonStoreFull
	case errors.Is(err, context.DeadlineExceeded):
		return replyLocalError, reasonTimedOut
	}
	return replyLocalError, reasonRefused
}

// syntax: 500 to 504, what counts as a bad command.
func (r reply) syntax() bool { return len(r) > 2 && r[:2] == "50" }
