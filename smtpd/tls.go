// SPDX-License-Identifier: MIT

package smtpd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"mailproof/evidence"
)

// starttls is STARTTLS (RFC 3207). What the client has sent before the
// handshake is thrown away, and both sides begin anew.
func (c *conn) starttls(arg []byte) *ending {
	switch {
	case c.srv.opts.TLS == nil:
		c.say(replyNoTLS)
		return nil
	case c.tls != nil:
		c.say(replyTLSAlready)
		return nil
	case len(arg) > 0:
		c.say(replyArgument)
		return nil
	}
	c.fail(reasonBrokenOff, "")
	c.talked()
	c.say(replyStartTLS)
	if err := c.wire.flush(); err != nil {
		return c.broken(err, replyIdle)
	}
	if c.inner != nil {
		c.inner.stop()
		c.inner = nil
	}
	c.tx.drop(c)
	c.helo, c.ehlo = "", false
	return c.handshake()
}

func (c *conn) handshake() *ending {
	c.wire.r, c.wire.w = 0, 0
	if err := c.wire.readDeadline(c.by(c.limits.Command)); err != nil {
		return c.broken(err, replyIdle)
	}
	t := tls.Server(c.raw, c.srv.opts.TLS)
	if err := t.Handshake(); err != nil {
		c.srv.opts.Logger.Debug("tls handshake", "client", c.client, "err", err)
		e := c.broken(err, replyIdle)
		e.reply = "" // the channel is neither clear nor encrypted now
		return e
	}
	c.wire.Conn = t
	st := t.ConnectionState()
	c.tls = &evidence.TLS{
		Version: tls.VersionName(st.Version),
		Cipher:  tls.CipherSuiteName(st.CipherSuite),
		SNI:     st.ServerName,
	}
	if len(st.PeerCertificates) > 0 {
		c.tls.ClientCert = st.PeerCertificates[0].Subject.String()
	}
	c.log.note("(TLS handshake: %s, %s)", c.tls.Version, c.tls.Cipher)
	c.log.settle()
	return nil
}

// selfSignedFor is how long a certificate made at start is good for: longer than
// a process runs, short enough for every client.
const selfSignedFor = 365 * 24 * time.Hour

// SelfSigned makes a certificate for a host name, for servers that were given
// none: senders encrypt to it all the same (RFC 7435), but cannot verify it.
func SelfSigned(hostname string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make serial number: %w", err)
	}
	now := time.Now()
	cert := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: hostname},
		DNSNames:     []string{hostname},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(selfSignedFor),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("sign certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
