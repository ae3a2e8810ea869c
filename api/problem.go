package api

import (
	"fmt"
	"time"
)

// Problem is an error of a server (RFC 9457).
type Problem struct {
	Type   string          `json:"type,omitempty"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail"` // for people
	Errors []ProblemDetail `json:"errors,omitempty"`

	RetryAfter time.Duration `json:"-"` // 0 where the server does not say
}

// ProblemDetail is one of several errors of a request.
type ProblemDetail struct {
	Message  string `json:"message,omitempty"`
	Location string `json:"location,omitempty"` // "body.query[0].weight"
	Value    any    `json:"value,omitempty"`
}

func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s: %s", e.Location, e.Message)
	}
	return text
}
