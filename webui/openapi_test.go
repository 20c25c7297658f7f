// SPDX-License-Identifier: MIT

package webui_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"mailproof/store"
)

func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t)
	doc, err := openapi3.NewLoader().LoadFromData(do(h, "GET", "/openapi.json", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	param := regexp.MustCompile(`:(\w+)`)
	for _, r := range h.Routes() {
		if strings.HasPrefix(r.Path, "/api/") || slices.Contains([]string{"/healthz", "/readyz", "/metrics", "/openapi.json"}, r.Path) {
			routed = append(routed, r.Method+" "+param.ReplaceAllString(r.Path, "{$1}"))
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described %v\nrouted %v", described, routed)
	}
	id := w.mint(t)
	w.deliver(id, store.Done)
	for name, path := range map[string]string{"Test": "/api/v1/tests/" + id, "Report": "/api/v1/tests/" + id + "/messages/1/report", "Problem": "/api/v1/tests/none"} {
		body := decode(t, do(h, "GET", path, "").Body.String())
		if err := doc.Components.Schemas[name].Value.VisitJSON(body); err != nil {
			t.Errorf("%s is not as described: %v", path, err)
		}
	}
}
