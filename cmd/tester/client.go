// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mailproof/config"
	"mailproof/render"
)

// maxAnswer bounds what is read from a server: a report with its evidence.
const maxAnswer = 64 << 20

// client speaks the API of a server.
type client struct {
	config.Client
	http http.Client
}

func newClient(c config.Client) (*client, error) {
	u, err := url.Parse(c.Server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("--server: %q is not a URL like http://127.0.0.1:8080", c.Server)
	}
	c.Server = strings.TrimRight(c.Server, "/")
	return &client{Client: c}, nil
}

// aTest is what a command needs of a test document.
type aTest struct {
	ID       string           `json:"id"`
	Address  string           `json:"address"`
	URL      string           `json:"url"`
	Status   string           `json:"status"`
	Messages []any            `json:"messages"`
	Report   *render.Document `json:"report"`
}

// errNoTest: the server knows no such test.
var errNoTest = errors.New("no such test (unknown, expired or deleted)")

func (c *client) create(ctx context.Context, label, lang string) (aTest, error) {
	body, err := json.Marshal(map[string]string{"label": label, "lang": lang})
	if err != nil {
		return aTest{}, err
	}
	return c.do(ctx, http.MethodPost, "/api/v1/tests", body)
}

// wait asks until the newest message is done or failed, or ctx ends.
func (c *client) wait(ctx context.Context, id, lang string) (aTest, error) {
	for {
		t, err := c.do(ctx, http.MethodGet, "/api/v1/tests/"+url.PathEscape(id)+"?wait=25s&lang="+url.QueryEscape(lang), nil)
		if err != nil || t.Status == "done" || t.Status == "failed" {
			return t, err
		}
	}
}

func (c *client) do(ctx context.Context, method, path string, body []byte) (aTest, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.Server+path, bytes.NewReader(body))
	if err != nil {
		return aTest{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return aTest{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return aTest{}, fmt.Errorf("read answer of %s: %w", c.Server, err)
	}
	return decode(res.StatusCode, res.Status, data)
}

func decode(code int, status string, data []byte) (t aTest, err error) {
	if code == http.StatusNotFound {
		return t, errNoTest
	}
	if code/100 != 2 {
		var problem struct{ Title, Detail string }
		if json.Unmarshal(data, &problem) == nil && problem.Title != "" {
			status = strings.TrimSpace(problem.Title + " " + problem.Detail)
		}
		return t, fmt.Errorf("the server answers: %s", render.Visible(status))
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return t, fmt.Errorf("the server's answer is not understood: %w", err)
	}
	return t, nil
}
