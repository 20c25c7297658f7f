// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"

	"mailproof/render"
	"mailproof/store"
	"mailproof/text"
)

// An addrView is the address of a test, large, to copy.
type addrView struct {
	Local, Domain, Full string
	Until               string
	Label               string
}

// A homeView is the first page; without ID it offers a button.
type homeView struct {
	Addr     addrView
	ID       string
	Revision uint64
}

// A waitView is the page between the address and the report.
type waitView struct {
	ID       string
	Revision uint64
	Title    string
	Sub      string
	Addr     addrView
	Arrived  bool // the mail is here and is being examined
	Status   string
	Steps    []stepView
	Attempts []attemptView
	Messages []messageView
	MX       string
	Page     string // where the report will be
}

// A stepView is one line of what has happened.
type stepView struct {
	State  string // done, doing, todo
	Title  string
	Detail string
	At     string
}

// An attemptView is a delivery that failed.
type attemptView struct{ At, From, Answer, Say string }

// A messageView is another message of the same test.
type messageView struct {
	N       int
	Link    string
	At      string
	From    string
	State   string
	Score   string
	Current bool
}

func (a *app) addrView(t *store.Test, p *text.Printer) addrView {
	return addrView{
		Local: t.Local, Domain: "@" + a.Domain, Full: a.address(t),
		Until: when(t.ExpiresAt, p), Label: t.Label,
	}
}

// waitView is for a test without a message (m nil) or for one in the works.
// page is the path it is asked for by, where the report will be.
func (a *app) waitView(t *store.Test, m *store.Message, page string, p *text.Printer) waitView {
	key := "ui.wait"
	if m != nil {
		key = "ui.here"
	}
	v := waitView{
		ID: t.ID, Revision: t.Revision, Title: p.Text(key+".title", nil), Addr: a.addrView(t, p), Arrived: m != nil,
		Sub: p.Text(key+".sub", map[string]string{"until": when(t.ExpiresAt, p)}), MX: a.MX,
		Status: p.Text(key+".status", nil), Steps: waitSteps(m, a.MX, p), Page: page,
	}
	if m == nil && len(t.Attempts) > 0 {
		v.Status = p.Count("ui.wait.failed", len(t.Attempts), nil)
	}
	for _, at := range t.Attempts {
		v.Attempts = append(v.Attempts, newAttemptView(at, p))
	}
	v.Messages = messageViews(t, m, p)
	return v
}

func waitSteps(m *store.Message, mx string, p *text.Printer) []stepView {
	word := func(key string) string { return p.Text("ui.step."+key, nil) }
	if m == nil {
		return []stepView{
			{State: "doing", Title: word("connect"), Detail: mx},
			{State: "todo", Title: word("sender")},
			{State: "todo", Title: word("stored")},
			{State: "todo", Title: word("checks")},
		}
	}
	at := m.ReceivedAt.UTC().Format("15:04:05")
	from := render.Visible(m.From)
	if from == "" {
		from = "<>"
	}
	return []stepView{
		{State: "done", Title: word("connected"), At: at},
		{State: "done", Title: word("accepted"), Detail: from, At: at},
		{State: "done", Title: word("kept"), Detail: p.Text("ui.octets", map[string]string{"n": octets(m.Size)}), At: at},
		{State: "doing", Title: word("checks")},
	}
}

func newAttemptView(at store.Attempt, p *text.Printer) attemptView {
	v := attemptView{At: at.At.UTC().Format("15:04:05"), Answer: render.Visible(at.Reply)}
	if at.Session.ClientIP.IsValid() {
		v.From = at.Session.ClientIP.String()
	}
	say, ok := p.Lookup("ui.attempt."+at.Reason, nil)
	if !ok {
		say = render.Visible(at.Reason)
	}
	v.Say = say
	return v
}

// messageViews lists the messages of a test, if there are several.
func messageViews(t *store.Test, current *store.Message, p *text.Printer) []messageView {
	if len(t.Messages) < 2 {
		return nil
	}
	var all []messageView
	for _, m := range t.Messages {
		v := messageView{
			N: m.N, Link: "/tests/" + t.ID + "/messages/" + strconv.Itoa(m.N), At: when(m.ReceivedAt, p), From: render.Visible(m.From),
			State: p.Text("ui.state."+string(m.State), nil), Current: current != nil && m.N == current.N,
		}
		if m.State == store.Done {
			v.Score = render.Points(m.Score).String()
		}
		all = append(all, v)
	}
	return all
}
