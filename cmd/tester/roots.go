// SPDX-License-Identifier: MIT

package main

// The certificates of public authorities, for where the system has none, such
// as an empty container image: "tester new --server https://..." works there too.
import _ "golang.org/x/crypto/x509roots/fallback"
