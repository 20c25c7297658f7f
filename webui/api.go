// SPDX-License-Identifier: MIT

package webui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mailproof/render"
	"mailproof/store"
)

// What the handlers of the API share: reading input, writing JSON.

// testJSON is the contract's test.
type testJSON struct {
	ID        string           `json:"id"`
	Address   string           `json:"address"`
	URL       string           `json:"url"`
	Label     string           `json:"label,omitempty"`
	Lang      string           `json:"lang,omitempty"`
	Status    store.State      `json:"status"`
	Revision  uint64           `json:"revision"`
	CreatedAt time.Time        `json:"created_at"`
	ExpiresAt time.Time        `json:"expires_at"`
	Messages  []messageJSON    `json:"messages"`
	Attempts  []attemptJSON    `json:"attempts"`
	Report    *render.Document `json:"report,omitempty"`
}

// messageJSON is one message of a test.
type messageJSON struct {
	N          int            `json:"n"`
	Status     store.State    `json:"status"`
	ReceivedAt time.Time      `json:"received_at"`
	Size       int64          `json:"size"`
	MailFrom   string         `json:"mail_from"`
	Revisions  int            `json:"revisions"` // of its report
	Score      *render.Points `json:"score,omitempty"`
}

// attemptJSON is a delivery that failed.
type attemptJSON struct {
	At       time.Time `json:"at"`
	Reason   string    `json:"reason"`
	Reply    string    `json:"reply,omitempty"`
	ClientIP string    `json:"client_ip,omitempty"`
	Helo     string    `json:"helo,omitempty"`
}

func (a *app) testJSON(t *store.Test) testJSON {
	out := testJSON{
		ID: t.ID, Address: a.address(t), URL: a.testURL(t.ID), Label: t.Label, Lang: t.Lang,
		Status: t.State(), Revision: t.Revision, CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(),
		Messages: []messageJSON{}, Attempts: []attemptJSON{},
	}
	for _, m := range t.Messages {
		out.Messages = append(out.Messages, toMessageJSON(m))
	}
	for _, at := range t.Attempts {
		out.Attempts = append(out.Attempts, toAttemptJSON(at))
	}
	return out
}

func toMessageJSON(m store.Message) messageJSON {
	out := messageJSON{
		N: m.N, Status: m.State, ReceivedAt: m.ReceivedAt.UTC(), Size: m.Size,
		MailFrom: m.From, Revisions: m.Reports,
	}
	if m.State == store.Done {
		score := render.Points(m.Score)
		out.Score = &score
	}
	return out
}

func toAttemptJSON(at store.Attempt) attemptJSON {
	out := attemptJSON{At: at.At.UTC(), Reason: at.Reason, Reply: at.Reply, Helo: at.Session.Helo}
	if at.Session.ClientIP.IsValid() {
		out.ClientIP = at.Session.ClientIP.String()
	}
	return out
}

func (a *app) address(t *store.Test) string { return t.Local + "@" + a.Domain }

func (a *app) testURL(id string) string { return a.BaseURL.JoinPath("tests", id).String() }

// testID is the id in the path. What is too long to be one does not exist.
func testID(c echo.Context) (string, error) {
	id := c.Param("id")
	if id == "" || len(id) > maxID {
		return "", store.ErrNotFound
	}
	return id, nil
}

// findTest is the test in the path.
func (a *app) findTest(c echo.Context) (store.Test, error) {
	id, err := testID(c)
	if err != nil {
		return store.Test{}, err
	}
	return a.Service.Test(c.Request().Context(), id)
}

// findMessage is the test and the message in the path; "latest" and no number
// at all are the newest.
func (a *app) findMessage(c echo.Context) (store.Test, store.Message, error) {
	t, err := a.findTest(c)
	if err != nil {
		return t, store.Message{}, err
	}
	n := len(t.Messages)
	if s := c.Param("n"); s != "" && s != "latest" {
		if n, err = strconv.Atoi(s); err != nil {
			return t, store.Message{}, store.ErrNotFound
		}
	}
	for _, m := range t.Messages {
		if m.N == n {
			return t, m, nil
		}
	}
	return t, store.Message{}, store.ErrNotFound
}

// readJSON reads an object into v; an empty body leaves it as it is. Fields
// that this version does not know are refused, not ignored.
func readJSON(c echo.Context, v any) error {
	dec := json.NewDecoder(c.Request().Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		_, err = dec.Token()
		if err == nil {
			return problem(http.StatusBadRequest, "the body must be one JSON object")
		}
	}
	var big *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &big):
		return tooLarge(big.Limit)
	}
	return problem(http.StatusBadRequest, "the body is not the JSON object expected: "+strings.TrimPrefix(err.Error(), "json: "))
}

// parseOverlay takes text or an array of changes.
func parseOverlay(raw json.RawMessage) (Overlay, error) {
	var o Overlay
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return o, nil
	case len(raw) > maxOverlay:
		return o, problem(http.StatusUnprocessableEntity, fmt.Sprintf("an overlay has at most %d octets", maxOverlay))
	case raw[0] == '[':
		o.Changes = raw
		return o, nil
	}
	if err := json.Unmarshal(raw, &o.Text); err != nil {
		return o, problem(http.StatusBadRequest, "overlay must be a text or an array of changes")
	}
	return o, nil
}
