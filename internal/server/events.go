package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	watchersAtOnce = 256
	eventPause     = 100 * time.Millisecond // between two events of a job
	heartbeat      = 15 * time.Second       // keeps proxies from closing the connection
	eventPatience  = 30 * time.Second       // for a client to take an event
)

// follow writes a job's changes as server-sent events until it ends.
func (s *Server) follow(ctx context.Context, w http.ResponseWriter, j *job) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would buffer them
	out := http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		_ = out.SetWriteDeadline(time.Now().Add(eventPatience))
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	for number := 1; ; number++ {
		now, changed := j.watch()
		name := "progress"
		if now.Ended() {
			name = "end"
		}
		now.Result = nil
		data, err := json.Marshal(now)
		if err != nil || !send("id: %d\nevent: %s\ndata: %s\n\n", number, name, data) || now.Ended() {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-changed:
				waiting = false
			case <-time.After(heartbeat):
				if !send(": still here\n\n") {
					return
				}
			case <-ctx.Done():
				return
			case <-s.closing:
				return
			}
		}
		select {
		case <-time.After(eventPause): // changes until then are one event
		case <-ctx.Done():
			return
		case <-s.closing:
			return
		}
	}
}
