package server

import (
	"strconv"
	"time"

	"github.com/akin-search/akin/api"
)

// serverTiming returns the header of that name (https://www.w3.org/TR/server-timing/): how long a search waited for a
// place and where its time went, in milliseconds. Browsers show it beside the request.
func serverTiming(wait time.Duration, took api.Took) string {
	out := make([]byte, 0, 128)
	add := func(name string, d time.Duration) {
		if len(out) > 0 {
			out = append(out, ", "...)
		}
		out = append(append(out, name...), ";dur="...)
		out = strconv.AppendFloat(out, float64(d.Microseconds())/1000, 'f', -1, 64)
	}
	add("wait", wait)
	if took != (api.Took{}) {
		add("open", took.Open)
		add("filter", took.Filter)
		add("query", took.Query)
		add("search", took.Search)
		add("grade", took.Grade)
	}
	return string(out)
}
