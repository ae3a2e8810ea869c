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

// Job is work that takes its time.
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
	Result     json.RawMessage `json:"result,omitempty" doc:"What the kind of job gives, when it is done"`
}

// Ended says that nothing more will happen to the job.
func (j Job) Ended() bool { return j.Finished != nil }
