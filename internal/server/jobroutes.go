package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/akin-search/akin/api"
)

type jobOutput struct {
	Status int
	Body   api.Job
}

// Patience is how long a request waits for a job to end.
type Patience struct {
	Wait int `query:"wait" minimum:"0" maximum:"60" doc:"How many seconds to wait for the job to end before answering"`
}

// JobPath is the job of an operation.
type JobPath struct {
	Job string `path:"job" doc:"The job's id"`
}

func (s *Server) jobRoutes(routes huma.API) {
	begin := func(ctx context.Context, ks kinds, collection string, body []byte, p Patience) (*jobOutput, error) {
		name, k, options, err := ks.read(routes, body)
		if err != nil {
			return nil, err
		}
		run, err := k.prepare(ctx, s, collection, options)
		if err != nil {
			return nil, err
		}
		j, err := s.jobs.start(name, collection, run)
		if err != nil {
			return nil, err
		}
		now := j.state()
		if p.Wait > 0 {
			now = j.finish(ctx, time.Duration(p.Wait)*time.Second)
		}
		if now.Ended() {
			return &jobOutput{http.StatusOK, now}, nil
		}
		return &jobOutput{http.StatusCreated, now}, nil
	}
	const about = "With `wait`, answers once the job has ended, or after that many seconds."
	add(s, routes, takesJob(routes, collectionKinds, huma.Operation{
		OperationID: "start-job", Method: http.MethodPost, Path: "/collections/{collection}/jobs", Tags: []string{"Jobs"},
		Summary: "Start a job of a collection", Description: about,
	}), func(ctx context.Context, in *struct {
		CollectionPath
		Patience
		Body json.RawMessage
	}) (*jobOutput, error) {
		if _, err := s.collections.get(ctx, in.Collection); err != nil {
			return nil, err
		}
		return begin(ctx, collectionKinds, in.Collection, in.Body, in.Patience)
	})
	add(s, routes, takesJob(routes, programKinds, huma.Operation{
		OperationID: "start-program-job", Method: http.MethodPost, Path: "/jobs", Tags: []string{"Jobs"},
		Summary: "Start a job that needs no collection", Description: about,
	}), func(ctx context.Context, in *struct {
		Patience
		Body json.RawMessage
	}) (*jobOutput, error) {
		return begin(ctx, programKinds, "", in.Body, in.Patience)
	})
	type list struct {
		Jobs []api.Job `json:"jobs"`
	}
	add(s, routes, huma.Operation{
		OperationID: "list-jobs", Method: http.MethodGet, Path: "/jobs", Tags: []string{"Jobs"},
		Summary: "List the jobs, newest first, without their results",
	}, func(context.Context, *struct{}) (*struct{ Body list }, error) {
		return &struct{ Body list }{list{s.jobs.list()}}, nil
	})
	add(s, routes, huma.Operation{
		OperationID: "get-job", Method: http.MethodGet, Path: "/jobs/{job}", Tags: []string{"Jobs"},
		Summary: "Get a job, its progress and its result", Description: about,
	}, func(ctx context.Context, in *struct {
		JobPath
		Patience
	}) (*struct{ Body api.Job }, error) {
		j, err := s.jobs.get(in.Job)
		if err != nil {
			return nil, err
		}
		if in.Wait > 0 {
			return &struct{ Body api.Job }{j.finish(ctx, time.Duration(in.Wait)*time.Second)}, nil
		}
		return &struct{ Body api.Job }{j.state()}, nil
	})
	add(s, routes, huma.Operation{
		OperationID: "remove-job", Method: http.MethodDelete, Path: "/jobs/{job}", Tags: []string{"Jobs"}, DefaultStatus: http.StatusNoContent,
		Summary: "Cancel a running job, or delete an ended one",
	}, func(_ context.Context, in *JobPath) (*struct{}, error) {
		return nil, s.jobs.remove(in.Job)
	})
	s.jobEvents(routes)
}

// jobEvents registers the operation that follows a job.
func (s *Server) jobEvents(routes huma.API) {
	events := returns(huma.Operation{
		OperationID: "watch-job", Method: http.MethodGet, Path: "/jobs/{job}/events", Tags: []string{"Jobs"},
		Summary: "Follow a job as server-sent events",
		Description: "Sends events `progress` and finally `end`. The data of each is the job without its result. A client that reconnects " +
			"gets the job as it is then.",
	}, "text/event-stream")
	add(s, routes, events, func(_ context.Context, in *JobPath) (*huma.StreamResponse, error) {
		j, err := s.jobs.get(in.Job)
		if err != nil {
			return nil, err
		}
		if s.watching.Add(1) > watchersAtOnce {
			s.watching.Add(-1)
			return nil, fmt.Errorf("%d clients are following jobs: %w", watchersAtOnce, errBusy)
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			defer s.watching.Add(-1)
			r, w := humago.Unwrap(ctx)
			s.follow(r.Context(), w, j)
		}}, nil
	})
}
