package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/insight/alter"
)

// What can be removed is known to one list; the description of a context job says it, and the job refuses the rest.
func TestAContextJobNamesTheCuesThatCanBeRemoved(t *testing.T) {
	t.Parallel()
	shared(t)
	h := handler(t, nil)
	var described struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					MaxItems int `json:"maxItems"`
					Items    struct {
						Enum []string `json:"enum"`
					} `json:"items"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	decode(t, get(t, h, http.MethodGet, "/openapi.json", nil, nil), &described)
	without := described.Components.Schemas["ContextRequest"].Properties["without"]
	if want := alter.ContextNames(); !slices.Equal(without.Items.Enum, want) || without.MaxItems != len(want) {
		t.Errorf("%+v, want %v", without, want)
	}
	w := get(t, h, http.MethodPost, base+"/collections/"+collection+"/jobs", map[string]string{"Content-Type": "application/json"},
		strings.NewReader(`{"kind":"context","options":{"pairs":[{"a":"Chad","b":"Romania"}],"without":["hats"]}}`))
	if text := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(text, strings.Join(alter.ContextNames(), ", ")) {
		t.Errorf("%d %s", w.Code, text)
	}
}
