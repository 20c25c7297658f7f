// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"

	"mailproof/config"
)

type newCmd struct {
	config.Client
	Label  string `placeholder:"TEXT" help:"A name for the test, shown on its page."`
	Lang   string `enum:"en,zh-CN" default:"en" help:"Language of the report: ${enum}."`
	Format string `enum:"text,json" default:"text" help:"text (id, address and url, a line each) or json."`
}

func (c *newCmd) Run(ctx context.Context, s *std) error {
	cl, err := newClient(c.Client)
	if err != nil {
		return err
	}
	t, err := cl.create(ctx, c.Label, c.Lang)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return json.NewEncoder(s.out).Encode(map[string]string{"id": t.ID, "address": t.Address, "url": t.URL})
	}
	_, err = fmt.Fprintf(s.out, "id: %s\naddress: %s\nurl: %s\n", t.ID, t.Address, t.URL)
	return err
}
