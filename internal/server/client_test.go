package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// What only users of the client call, and no command does.
func TestClientReadsWhatAServerLists(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	all, err := c.Collections(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if one, err := c.Collection(t.Context(), all[0].Name); err != nil || one.Pictures != len(flags) || one.Collection != all[0].Collection {
		t.Errorf("%+v, %v", one, err)
	}
	models, err := c.Models(t.Context())
	if err != nil || !slices.ContainsFunc(models, func(m api.ModelInfo) bool { return m.Name == akin.DefaultModel && m.Present && m.Dim == 1280 }) {
		t.Errorf("%+v, %v", models, err)
	}
	checks, err := c.Doctor(t.Context())
	if err != nil || !slices.ContainsFunc(checks, func(c api.Check) bool { return c.What == "ONNX Runtime" && c.OK }) {
		t.Errorf("%+v, %v", checks, err)
	}
	if err := c.Run(t.Context(), all[0].Name, "verify", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	if jobs, err := c.Jobs(t.Context()); err != nil || len(jobs) != 1 || jobs[0].Kind != "verify" || jobs[0].State != api.JobDone {
		t.Errorf("%+v, %v", jobs, err)
	}
}

func TestClientReportsABusyServer(t *testing.T) {
	t.Parallel()
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		status := http.StatusNotFound
		if r.URL.Path == "/api/v1/models" {
			w.Header().Set("Retry-After", "7")
			status = http.StatusTooManyRequests
		}
		w.WriteHeader(status)
		_, _ = w.Write(fmt.Appendf(nil, `{"title": %q, "status": %d}`, http.StatusText(status), status))
	}))
	defer busy.Close()
	c := to(t, busy.URL, client.Options{})
	_, err := c.Models(t.Context())
	if after, is := client.IsBusy(err); !is || after != 7*time.Second {
		t.Errorf("%v, %v: %v", after, is, err)
	}
	_, err = c.Doctor(t.Context())
	if _, is := client.IsBusy(err); err == nil || is {
		t.Errorf("not found: %v", err)
	}
}
