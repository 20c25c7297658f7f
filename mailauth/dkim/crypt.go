// SPDX-License-Identifier: MIT

package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" // rsa-sha1 never passes, but whether it fits is told
	_ "crypto/sha256"
	"math/big"
)

// digestInfo is what stands before the digest in EMSA-PKCS1-v1_5 (RFC 8017
// §9.2, note 1).
var digestInfo = map[crypto.Hash][]byte{
	crypto.SHA1:   {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14},
	crypto.SHA256: {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
}

// VerifyDigest tells whether sig signs digest under the key. RSA keys above
// MaxRSABits are never tried; below MinRSABits the arithmetic is still done,
// for the caller to say "fits, but must not be accepted".
func (k *KeyRecord) VerifyDigest(h crypto.Hash, digest, sig []byte) bool {
	switch pub := k.Public.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(pub, digest, sig) // RFC 8463 §3: over the digest
	case *rsa.PublicKey:
		if pub.N.BitLen() >= MinRSABits && pub.N.BitLen() <= MaxRSABits {
			return rsa.VerifyPKCS1v15(pub, h, digest, sig) == nil
		}
		signed, got, ok := RecoverDigest(pub, sig)
		return ok && got == h && bytes.Equal(signed, digest)
	}
	return false
}

// RecoverDigest returns the digest that an RSA signature was made over, and
// its hash function. It reports false if the signature was not made with the
// private half of pub, which tells a wrong key from a changed header.
func RecoverDigest(pub *rsa.PublicKey, sig []byte) ([]byte, crypto.Hash, bool) {
	size := pub.Size()
	if pub.N.BitLen() > MaxRSABits || len(sig) != size || pub.N.Bit(0) == 0 || pub.E < 2 {
		return nil, 0, false
	}
	s := new(big.Int).SetBytes(sig)
	if s.Cmp(pub.N) >= 0 {
		return nil, 0, false
	}
	em := s.Exp(s, big.NewInt(int64(pub.E)), pub.N).FillBytes(make([]byte, size))
	for h, prefix := range digestInfo {
		head := size - len(prefix) - h.Size()
		if head < 11 || em[0] != 0 || em[1] != 1 || em[head-1] != 0 { // 8 octets of padding at least
			continue
		}
		if len(bytes.Trim(em[2:head-1], "\xff")) == 0 && bytes.Equal(em[head:head+len(prefix)], prefix) {
			return em[size-h.Size():], h, true
		}
	}
	return nil, 0, false
}
