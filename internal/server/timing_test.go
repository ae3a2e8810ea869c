package server

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
)

func TestTheTimingHeaderNamesEachPartInMilliseconds(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		why  string
		wait time.Duration
		took api.Took
		want string
	}{
		{"a search by one model", 1500 * time.Microsecond, api.Took{Open: 1 * time.Microsecond, Query: 2 * time.Second, Search: 345678 * time.Nanosecond, Grade: 90 * time.Microsecond},
			"wait;dur=1.5, open;dur=0.001, filter;dur=0, query;dur=2000, search;dur=0.345, grade;dur=0.09"},
		{"a fused search, whose parts are unknown", 20 * time.Millisecond, api.Took{}, "wait;dur=20"},
	} {
		if got := serverTiming(x.wait, x.took); got != x.want {
			t.Errorf("%s: %s\nwant %s", x.why, got, x.want)
		}
	}
}

func TestASearchTellsWhereItsTimeWent(t *testing.T) {
	t.Parallel()
	h := handler(t, func(*Options) {})
	began := time.Now()
	w := get(t, h, http.MethodGet, "/api/v1/collections/"+collection+"/search?q=Chad", nil, nil)
	all := time.Since(began)
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	header := w.Header().Get("Server-Timing")
	parts := regexp.MustCompile(`^wait;dur=([\d.]+), open;dur=([\d.]+), filter;dur=([\d.]+), query;dur=([\d.]+), search;dur=([\d.]+), grade;dur=([\d.]+)$`).FindStringSubmatch(header)
	if parts == nil {
		t.Fatalf("Server-Timing: %s", header)
	}
	sum := 0.
	for _, p := range parts[1:] {
		n, err := strconv.ParseFloat(p, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum <= 0 || sum > float64(all.Microseconds())/1000 {
		t.Errorf("Server-Timing: %s, in all %s", header, all)
	}
}
