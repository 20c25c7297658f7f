// SPDX-License-Identifier: MIT

package dkim

const (
	oneSP  = " "
	bareCR = "\r"
)

// manyCRLF is written again and again for long runs of line ends.
const manyCRLF = crlf16 + crlf16 + crlf16 + crlf16 + crlf16 + crlf16 + crlf16 + crlf16

const crlf16 = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"

// emit writes canonical octets: long ones straight, short ones gathered.
func (c *BodyCanonicalizer) emit(p []byte) {
	c.octets += int64(len(p))
	if len(p) >= directWrite {
		c.flush()
		c.write(p)
		return
	}
	if len(c.buf)+len(p) > bodyBuffer {
		c.flush()
	}
	if c.buf == nil {
		c.buf = make([]byte, 0, bodyBuffer)
	}
	c.buf = append(c.buf, p...)
}

// emitText is emit for the few short constants.
func (c *BodyCanonicalizer) emitText(s string) {
	if len(c.buf)+len(s) > bodyBuffer {
		c.flush()
	}
	if c.buf == nil {
		c.buf = make([]byte, 0, bodyBuffer)
	}
	c.octets += int64(len(s))
	c.buf = append(c.buf, s...)
}

func (c *BodyCanonicalizer) flush() {
	if len(c.buf) > 0 {
		c.write(c.buf)
		c.buf = c.buf[:0]
	}
}

func (c *BodyCanonicalizer) write(p []byte) {
	if c.err == nil {
		_, c.err = c.out.Write(p)
	}
}
