// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// metrics prints the counters in the text format of Prometheus, version 0.0.4.
func (a *app) metrics(c echo.Context) error {
	var counters []Counter
	if a.Counters != nil {
		counters = a.Counters()
	}
	return c.Blob(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", []byte(exposition(counters)))
}

func exposition(counters []Counter) string {
	var b strings.Builder
	for _, m := range counters {
		kind := "counter"
		if m.Gauge {
			kind = "gauge"
		}
		help := strings.NewReplacer("\\", `\\`, "\n", `\n`).Replace(m.Help)
		b.WriteString("# HELP " + m.Name + " " + help + "\n# TYPE " + m.Name + " " + kind + "\n")
		b.WriteString(m.Name + " " + strconv.FormatFloat(m.Value, 'g', -1, 64) + "\n")
	}
	return b.String()
}
