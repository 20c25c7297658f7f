// SPDX-License-Identifier: MIT

package webui

import (
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// apiAnalyze examines an uploaded message, without keeping it.
func (a *app) apiAnalyze(c echo.Context) error {
	p, err := a.apiLang(c, "")
	if err != nil {
		return err
	}
	release, err := a.work(c)
	if err != nil {
		return err
	}
	defer release()
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if len(raw) == 0 {
		return problem(http.StatusBadRequest, "the body must be a message (message/rfc822)")
	}
	q := c.QueryParams()
	up := Upload{
		Raw: raw, ClientIP: q.Get("client_ip"), Helo: q.Get("helo"), RcptTo: q.Get("rcpt_to"),
		TLS: q.Get("tls"), NoRecover: q.Get("no_recover") == "true", Overlay: q.Get("overlay"),
	}
	if q.Has("mail_from") {
		from := q.Get("mail_from")
		up.MailFrom = &from
	}
	rep, err := a.Service.Analyze(c.Request().Context(), up)
	if err != nil {
		return err
	}
	return a.writeReport(c, a.Render(rep, p), p)
}
