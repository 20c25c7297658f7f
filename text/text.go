// SPDX-License-Identifier: MIT

// Package text finds sentences by key, language and parameters. Sentences
// live in flat JSON files, en.json and zh-CN.json, beside the code that needs
// them; placeholders are {named}.
package text

// Languages are the languages that every text exists in, the default first.
var Languages = []string{"en", "zh-CN"}
