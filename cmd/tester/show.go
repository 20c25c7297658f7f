// SPDX-License-Identifier: MIT

package main

import (
	"mailproof/config"
	"mailproof/render"
	"mailproof/text"
)

// show prints the report, alone, to stdout, and judges it.
func show(s *std, d render.Document, p *text.Printer, format string, t config.Thresholds) error {
	if err := print(s, d, p, format); err != nil {
		return err
	}
	return judge(d, t)
}

func print(s *std, d render.Document, p *text.Printer, format string) error {
	if format == "json" {
		data, err := render.JSON(d)
		if err != nil {
			return err
		}
		_, err = s.out.Write(data)
		return err
	}
	return render.Terminal(s.out, d, p)
}
