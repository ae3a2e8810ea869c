package api

import (
	"encoding/json"
	"time"
)

// States of a Job.
const (
	JobQueued    = "queued"
	JobRunning   = "running"
	JobDone      = "done"
	JobFailed    = "failed"
	JobCancelled = "cancelled"
)

// Job is work of a server that outlasts a request. Its options are IndexRequest, EvaluateRequest and so
// on; its result is what the method of package akin returns.
type Job struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Collection string          `json:"collection,omitempty"`
	State      string          `json:"state" enum:"queued,running,done,failed,cancelled"`
	Progress   Progress        `json:"progress"`
	Created    time.Time       `json:"created"`
	Started    *time.Time      `json:"started,omitempty"`
	Finished   *time.Time      `json:"finished,omitempty"`
	Error      *Problem        `json:"error,omitempty"`
	Result     json.RawMessage `json:"result,omitempty" doc:"The result, once the job is done"`
}

// Ended reports whether the job is done, failed or cancelled.
func (j Job) Ended() bool { return j.Finished != nil }
