// SPDX-License-Identifier: MIT

package bolt_test

import (
	"testing"

	"mailproof/store"
	"mailproof/store/bolt"
	"mailproof/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, dir string, o storetest.Options) store.Store {
		s, err := bolt.Open(t.Context(), dir, bolt.Options{MaxMessagesPerTest: o.MaxMessagesPerTest, Now: o.Now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
