// SPDX-License-Identifier: MIT

package bolt_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"mailproof/evidence"
	"mailproof/store"
	"mailproof/store/bolt"
	"mailproof/store/storetest"
)

// dialogue is as long as that of an ordinary session over TLS.
func dialogue() evidence.Session {
	s := storetest.Session()
	s.Dialogue = nil
	for i := range 18 {
		s.Dialogue = append(s.Dialogue, evidence.Line{At: time.Duration(i) * time.Millisecond,
			From: "client", Text: "MAIL FROM:<sender@example.org> SIZE=2048"})
	}
	return s
}

// mail is n octets: half text, half what does not compress.
func mail(n int) []byte {
	b := bytes.Repeat([]byte("Lorem ipsum dolor sit amet, consectetur adipisici elit.\r\n"), n/57+1)[:n]
	rand.NewChaCha8([32]byte{}).Read(b[n/2:])
	return b
}

func BenchmarkDeliver(b *testing.B) {
	for _, size := range []int{2 << 10, 50 << 10, 1 << 20} {
		for _, clients := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%dKB/%d", size>>10, clients), func(b *testing.B) {
				benchmarkDeliver(b, mail(size), clients)
			})
		}
	}
}

func benchmarkDeliver(b *testing.B, raw []byte, clients int) {
	s, err := bolt.Open(b.Context(), b.TempDir(), bolt.Options{MaxMessagesPerTest: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for i := range clients {
		t := storetest.NewTest(fmt.Sprint(i))
		t.ExpiresAt = time.Now().Add(time.Hour)
		if err := s.CreateTest(b.Context(), t); err != nil {
			b.Fatal(err)
		}
	}
	session := dialogue()
	deliver := func(i int) error {
		sp, err := s.NewSpool(b.Context())
		if err != nil {
			return err
		}
		defer sp.Discard()
		for rest := raw; len(rest) > 0; rest = rest[min(len(rest), 32<<10):] {
			if _, err := sp.Write(rest[:min(len(rest), 32<<10)]); err != nil {
				return err
			}
		}
		local := fmt.Sprint("to-", i)
		return s.Deliver(b.Context(), store.Delivery{Locals: []string{local}, RcptTo: []string{local + "@mp.example"},
			ReceivedAt: time.Now(), Session: session, Receiver: "mx.mp.example"}, sp)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	ended := make(chan error, clients)
	for i := range clients {
		go func() {
			for left.Add(-1) >= 0 {
				if err := deliver(i); err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	for range clients {
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}
