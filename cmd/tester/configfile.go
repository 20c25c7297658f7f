// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// fileFlags is the file of --config: an object from the name of a flag,
// without its dashes in front, to its value. Flags and environment win over it.
type fileFlags map[string]any

// loadConfig is kong's loader for --config.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	values := fileFlags{}
	if err := json.NewDecoder(r).Decode(&values); err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	return values, nil
}

// Validate says every name in the file that is no flag of serve.
func (f fileFlags) Validate(app *kong.Application) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.ContainsFunc(app.Children, func(n *kong.Node) bool { return hasFlag(n, name) }) {
			errs = append(errs, fmt.Errorf("--config: no flag is called %q", name))
		}
	}
	return errors.Join(errs...)
}

func hasFlag(n *kong.Node, name string) bool {
	return slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == name && name != "config" })
}

// Resolve returns the file's value of a flag that the environment does not set.
func (f fileFlags) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	value := f[flag.Name]
	if list, ok := value.([]any); ok { // kong takes lists as one comma-separated word
		words := make([]string, len(list))
		for i, v := range list {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, ","), nil
	}
	return value, nil
}
