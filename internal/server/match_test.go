package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// Two flags that look alike are no match, and what a search verifies it bounds.
func TestMatchesOverHTTP(t *testing.T) {
	t.Parallel()
	address, c, pictures := serveEmpty(t)
	if err := c.Run(t.Context(), "new.akin", "index", map[string]any{"paths": []string{pictures}}, nil, nil); err != nil {
		t.Fatal(err)
	}
	post := func(path string, body any) (status int, answer string) {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/api/v1/collections/new.akin/"+path, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		all, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(all)
	}
	status, answer := post("match", api.MatchRequest{A: api.SearchTerm{Picture: "Chad"}, B: api.SearchTerm{Picture: "Romania"}})
	if status != 200 || !strings.Contains(answer, `"a":"Chad","b":"Romania","matches":[]`) {
		t.Errorf("%d %s", status, answer)
	}
	if status, answer = post("match", api.MatchRequest{A: api.SearchTerm{Picture: "Chad"}, B: api.SearchTerm{Text: "a flag"}}); status != 422 {
		t.Errorf("a text: %d %s", status, answer)
	}
	if status, answer = post("search", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Verify: 3, Skip: 10}); status != 422 || !strings.Contains(answer, "leave out skip") {
		t.Errorf("skip: %d %s", status, answer)
	}
	if status, answer = post("search", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Verify: 3, Top: 2}); status != 200 || strings.Count(answer, `"rank":`) != 2 || strings.Contains(answer, `"match"`) {
		t.Errorf("verified: %d %s", status, answer)
	}
	find := api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Parts: true}
	if status, answer = post("search", find); status != 409 || !strings.Contains(answer, "no index of parts") || !strings.Contains(answer, `\"parts\": true`) {
		t.Errorf("parts without an index of them: %d %s", status, answer)
	}
	find.Fold = true
	if status, answer = post("search", find); status != 422 {
		t.Errorf("parts, folded: %d %s", status, answer)
	}
	if status, answer = post("search", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, In: "regions"}); status != 409 || !strings.Contains(answer, `\"regions\": true embeds them`) {
		t.Errorf("regions that are not embedded: %d %s", status, answer)
	}
	if status, answer = post("search", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, In: "tiles"}); status != 422 {
		t.Errorf("in tiles: %d %s", status, answer)
	}
}
