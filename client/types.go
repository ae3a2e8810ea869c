package client

import "github.com/akin-search/akin/api"

// What requests and answers hold is defined in package api.
type (
	SearchRequest   = api.SearchRequest
	SearchTerm      = api.SearchTerm
	SearchFusion    = api.SearchFusion
	SearchFilter    = api.Filter
	ExplainRequest  = api.ExplainRequest
	TagRequest      = api.TagRequest
	ReviewRequest   = api.ReviewRequest
	UnreviewRequest = api.UnreviewRequest
	Explained       = api.Explained
	Heat            = api.Heat
	CollectionInfo  = api.CollectionInfo
	Upload          = api.Upload
	Job             = api.Job
	Progress        = api.Progress
	Problem         = api.Problem
	ProblemDetail   = api.ProblemDetail
)

// States of a Job.
const (
	Queued    = api.JobQueued
	Running   = api.JobRunning
	Done      = api.JobDone
	Failed    = api.JobFailed
	Cancelled = api.JobCancelled
)
