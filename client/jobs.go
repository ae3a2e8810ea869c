package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
)

// Start starts a job: of a collection, or of the program where that is "". options are
// those of the kind, nil for none.
func (c *Client) Start(ctx context.Context, collection, kind string, options any) (out api.Job, err error) {
	path := "/jobs"
	if collection != "" {
		path = in(collection, "jobs")
	}
	request := map[string]any{"kind": kind}
	if options != nil {
		request["options"] = options
	}
	err = c.ask(ctx, http.MethodPost, path, nil, request, &out)
	return out, err
}

// Jobs lists the jobs, newest first, without their results.
func (c *Client) Jobs(ctx context.Context) ([]api.Job, error) {
	var out struct{ Jobs []api.Job }
	err := c.ask(ctx, http.MethodGet, "/jobs", nil, nil, &out)
	return out.Jobs, err
}

// Job returns a job once it has ended, or after a time.
func (c *Client) Job(ctx context.Context, id string, patience time.Duration) (out api.Job, err error) {
	query := url.Values{}
	if patience > 0 {
		query.Set("wait", strconv.Itoa(int(patience.Round(time.Second).Seconds())))
	}
	err = c.ask(ctx, http.MethodGet, "/jobs/"+url.PathEscape(id), query, nil, &out)
	return out, err
}

// Remove cancels a running job, or deletes an ended one.
func (c *Client) Remove(ctx context.Context, id string) error {
	return c.ask(ctx, http.MethodDelete, "/jobs/"+url.PathEscape(id), nil, nil, nil)
}

// Follow calls each with every change of a job, without its result, until the job has ended.
func (c *Client) Follow(ctx context.Context, id string, each func(api.Job)) error {
	answer, err := c.do(ctx, http.MethodGet, "/jobs/"+url.PathEscape(id)+"/events", nil, "", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var j api.Job
		if err := json.Unmarshal([]byte(data), &j); err != nil {
			return fmt.Errorf("follow job %s: %w", id, err)
		}
		if each(j); j.Ended() {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errors.New("the server ended before the job did")
}

// Run starts a job, follows it, and reads its result; result and progress may be nil. When ctx ends
// the job is cancelled.
func (c *Client) Run(ctx context.Context, collection, kind string, options, result any, progress func(api.Job)) error {
	j, err := c.Start(ctx, collection, kind, options)
	if err != nil {
		return err
	}
	if progress == nil {
		progress = func(api.Job) {}
	}
	if err := c.Follow(ctx, j.ID, progress); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), c.Remove(context.WithoutCancel(ctx), j.ID))
		}
		return err
	}
	if j, err = c.Job(ctx, j.ID, 0); err != nil {
		return err
	}
	switch j.State {
	case api.JobFailed:
		return j.Error
	case api.JobCancelled:
		return context.Canceled
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(j.Result, result)
}
