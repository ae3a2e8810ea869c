package server

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

func TestJobsTellHowFarTheyAre(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	dir := t.TempDir()
	if err := copyFlags(depsOf(t), filepath.Join(dir, "pictures")); err != nil {
		t.Fatal(err)
	}
	o.Collection = filepath.Join(dir, "new.akin")
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	var report api.IndexReport
	var seen []api.Job
	err := c.Run(t.Context(), "new.akin", "index", map[string]any{"paths": []string{filepath.Join(dir, "pictures")}}, &report, func(j api.Job) { seen = append(seen, j) })
	if err != nil || report.Added != len(flags) || report.Embedded != len(flags) {
		t.Fatalf("%+v, %v", report, err)
	}
	last := seen[len(seen)-1]
	if last.State != api.JobDone || last.Started == nil || last.Result != nil || last.Progress.Done != len(flags) {
		t.Errorf("the last event: %+v", last)
	}
	// Without paths it looks at what was indexed again.
	if err := os.Remove(filepath.Join(dir, "pictures", "Mali.png")); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context(), "new.akin", "index", map[string]any{"prune": true}, &report, nil); err != nil || report.Removed != 1 || report.Unchanged != len(flags)-1 {
		t.Errorf("%+v, %v", report, err)
	}

	var evaluation api.Evaluation
	if err := c.Run(t.Context(), "new.akin", "eval", map[string]any{"pairs": []map[string]string{{"a": "Chad", "b": "Romania"}}}, &evaluation, nil); err != nil || evaluation.Pairs[0].Ranks[akin.DefaultModel] != [2]int{1, 1} {
		t.Errorf("%+v, %v", evaluation, err)
	}
	if _, found, err := c.Map(t.Context(), "new.akin"); found || err != nil {
		t.Errorf("a map before one is made: %v, %v", found, err)
	}
	var m api.Map
	if err := c.Run(t.Context(), "new.akin", "map", nil, &m, nil); err != nil || len(m.Pictures) != len(flags)-1 {
		t.Errorf("%d on the map, %v", len(m.Pictures), err)
	}
	if stored, found, err := c.Map(t.Context(), "new.akin", akin.DefaultModel); !found || err != nil || !stored.Current || !reflect.DeepEqual(stored.Pictures, m.Pictures) || !reflect.DeepEqual(stored.Clusters, m.Clusters) {
		t.Errorf("the stored map: found %v, current %v, %d pictures, %v", found, stored.Current, len(stored.Pictures), err)
	}
	if _, _, err := c.Map(t.Context(), "new.akin", "sculpture"); status(err) != http.StatusNotFound && status(err) != http.StatusUnprocessableEntity {
		t.Errorf("the map of a model that the collection does not have: %v", err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "pictures", "Chad.png")); err != nil || os.WriteFile(filepath.Join(dir, "pictures", "Chad2.png"), data, 0o666) != nil {
		t.Fatal(err)
	}
	var copies api.Duplicates
	dupes := func() []api.DuplicateGroup {
		t.Helper()
		if err := c.Run(t.Context(), "new.akin", "dupes", map[string]any{"exact": true}, &copies, nil); err != nil {
			t.Fatal(err)
		}
		return copies.Groups
	}
	if err := c.Run(t.Context(), "new.akin", "index", nil, &report, nil); err != nil || report.Added != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if g := dupes(); len(g) != 1 || len(g[0].Copies) != 2 {
		t.Errorf("copies: %+v", g)
	}
	if n, err := c.Review(t.Context(), "new.akin", []string{"Chad", "Chad2"}); err != nil || n != 1 || len(dupes()) != 0 {
		t.Errorf("reviewed: %d, %v", n, err)
	}
	if n, err := c.Unreview(t.Context(), "new.akin", "Chad"); err != nil || n != 1 || len(dupes()) != 1 {
		t.Errorf("not reviewed any more: %d, %v", n, err)
	}
	if _, err := c.Review(t.Context(), "new.akin", []string{"Mexico"}); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("a group of one: %v", err)
	}
	var checked struct{ Problems []string }
	if err := c.Run(t.Context(), "new.akin", "verify", nil, &checked, nil); err != nil || len(checked.Problems) > 0 {
		t.Errorf("%+v, %v", checked, err)
	}
	if err := c.Run(t.Context(), "new.akin", "verify", map[string]bool{"repair": true}, &checked, nil); err != nil || len(checked.Problems) > 0 {
		t.Errorf("%+v, %v", checked, err)
	}
	err = c.Run(t.Context(), "new.akin", "bias", nil, &struct{}{}, nil)
	var p *api.Problem
	if !errors.As(err, &p) || p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Detail, akin.DefaultModel) {
		t.Errorf("a job that cannot be done: %v", err)
	}
	for _, x := range []struct {
		why, kind string
		options   any
	}{
		{"no such kind", "sing", nil},
		{"an option of another type", "map", map[string]any{"models": 3}},
		{"an unknown option", "map", map[string]any{"modles": []string{}}},
		{"a path that is not there", "index", map[string]any{"paths": []string{"/no/such/folder"}}},
		{"a relative path", "index", map[string]any{"paths": []string{"../.."}}},
		{"a model that is a path", "index", map[string]any{"models": []string{"../../etc"}}},
		{"neither pairs nor labels", "eval", nil},
		{"an unknown set", "eval", map[string]any{"set": "../flags"}},
	} {
		if _, err := c.Start(t.Context(), "new.akin", x.kind, x.options); status(err) != http.StatusUnprocessableEntity {
			t.Errorf("%s: %v", x.why, err)
		}
	}
	if _, err := c.Start(t.Context(), "", "pull", map[string]string{"model": "../../etc/passwd"}); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("pull a path: %v", err)
	}
}

func TestJobsAreCancelledAndForgotten(t *testing.T) {
	t.Parallel()
	js := newJobs()
	defer js.close()
	started := make(chan bool)
	patient := func(ctx context.Context, report func(api.Progress)) (any, error) {
		select {
		case started <- true:
		case <-ctx.Done(): // one whose place came free while all were being stopped
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var running []*job
	for range jobsAtOnce {
		j, err := js.start("wait", "", patient)
		if err != nil {
			t.Fatal(err)
		}
		<-started
		running = append(running, j)
	}
	waiting, err := js.start("wait", "", patient)
	if err != nil || waiting.state().State != api.JobQueued {
		t.Fatalf("%+v, %v", waiting.state(), err)
	}
	if err := js.remove(waiting.state().ID); err != nil || waiting.finish(t.Context(), time.Minute).State != api.JobCancelled {
		t.Errorf("a job that waits is not cancelled: %v", err)
	}
	for range jobsWaiting {
		if _, err := js.start("wait", "", patient); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.start("wait", "", patient); !errors.Is(err, errBusy) {
		t.Errorf("one job too many: %v", err)
	}
	if now := running[0].finish(t.Context(), time.Millisecond); now.State != api.JobRunning {
		t.Errorf("%+v", now)
	}
	js.stop()
	js.wait.Wait()
	for _, j := range js.list() {
		if j.State != api.JobCancelled {
			t.Errorf("%+v", j)
		}
	}

	js = newJobs()
	defer js.close()
	var first *job
	for i := range jobsKept + 20 {
		j, err := js.start("quick", "", func(context.Context, func(api.Progress)) (any, error) { return i, nil })
		if err != nil {
			t.Fatal(err)
		}
		if now := j.finish(t.Context(), time.Minute); string(now.Result) == "" {
			t.Fatalf("%+v", now)
		}
		if first == nil {
			first = j
		}
	}
	js.wait.Wait()
	if n := len(js.list()); n != jobsKept {
		t.Errorf("%d jobs are kept", n)
	}
	if _, err := js.get(first.state().ID); !errors.Is(err, errNoJob) {
		t.Errorf("the first one: %v", err)
	}
	broken, err := js.start("broken", "", func(context.Context, func(api.Progress)) (any, error) { panic("oh") })
	if now := broken.finish(t.Context(), time.Minute); err != nil || now.State != api.JobFailed || now.Error.Status != http.StatusInternalServerError {
		t.Errorf("%+v, %v", now, err)
	}
}

// A server that is told to end lets an index store what it has, and lets go of who follows it.
func TestEndingEndsJobsInOrder(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	dir := t.TempDir()
	if err := copyFlags(depsOf(t), filepath.Join(dir, "pictures")); err != nil {
		t.Fatal(err)
	}
	o.Collection = filepath.Join(dir, "new.akin")
	ctx, stop := context.WithCancel(t.Context())
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(s.Serve(ctx, l), s.Close()) }()
	c := to(t, "http://"+l.Addr().String(), client.Options{})
	j, err := c.Start(t.Context(), "new.akin", "index", map[string]any{"paths": []string{filepath.Join(dir, "pictures")}})
	if err != nil {
		t.Fatal(err)
	}
	followed := make(chan error, 1)
	go func() {
		followed <- c.Follow(t.Context(), j.ID, func(j api.Job) {
			if j.State == api.JobRunning {
				stop()
			}
		})
	}()
	for _, what := range []chan error{ended, followed} {
		select {
		case err := <-what:
			if what == ended && err != nil {
				t.Error(err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("it does not end")
		}
	}
	again, err := akin.Open(t.Context(), o.Collection, o.Open)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if problems, err := again.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}
