package api

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoSpace reports that a collection has no embeddings of a model.
var ErrNoSpace = errors.New("no embeddings of that model")

// ErrInvalid marks errors of a request itself: it is invalid whatever the collection holds.
// Their text says what is wrong with it.
var ErrInvalid = errors.New("invalid argument")

// invalid is an error of a request.
type invalid struct{ error }

func (e invalid) Unwrap() error { return e.error }

func (e invalid) Is(target error) bool { return target == ErrInvalid }

// Invalidf returns an ErrInvalid.
func Invalidf(format string, args ...any) error { return invalid{fmt.Errorf(format, args...)} }

// FilterError is an ErrInvalid of one condition of a [Filter].
type FilterError struct {
	Field string // in JSON, e.g. "after"
	Err   error
}

func (e *FilterError) Error() string        { return e.Field + ": " + e.Err.Error() }
func (e *FilterError) Is(target error) bool { return target == ErrInvalid }
func (e *FilterError) Unwrap() error        { return e.Err }

// ErrNeedsBothKinds reports that Bias lacks a model trained on language, or one that is not.
var ErrNeedsBothKinds = errors.New("bias needs a model trained on language and one that is not")

// NeedsBothKindsError is an ErrNeedsBothKinds with the models that there are, all of one kind.
type NeedsBothKindsError struct{ Models []string }

func (e *NeedsBothKindsError) Error() string {
	return ErrNeedsBothKinds.Error() + ": there are only " + strings.Join(e.Models, ", ")
}

func (e *NeedsBothKindsError) Is(target error) bool { return target == ErrNeedsBothKinds }

// NeedsTwoModelsError is an ErrInvalid: models were to be compared, and there is only one.
type NeedsTwoModelsError struct {
	Doing   string    // what the models are needed for, as "disagree"
	Model   string    // the only one
	Skipped []Failure // models that cannot answer the query, and why
}

func (e *NeedsTwoModelsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: two models are needed, and there is only %s", e.Doing, e.Model)
	for _, f := range e.Skipped {
		fmt.Fprintf(&b, "; %s cannot answer: %s", f.Source, f.Error)
	}
	return b.String()
}

func (e *NeedsTwoModelsError) Is(target error) bool { return target == ErrInvalid }

// ErrCopy reports that a copy differs from its original.
var ErrCopy = errors.New("the copy differs")

// Errors of reading an indexed picture's file, besides those of the file system.
var (
	ErrNoFile  = errors.New("its file is not there")
	ErrChanged = errors.New("its file is not what was indexed")
)

// ErrNoSelection reports that no selection of that id is stored.
var ErrNoSelection = errors.New("selection not found")

// ErrEmptyFilter reports that no picture passes a filter. The error names the condition
// that left none.
var ErrEmptyFilter = errors.New("no picture passes the filter")

// NoSuchValueError is an ErrEmptyFilter: no picture has a value that a filter asks for.
type NoSuchValueError struct {
	Field string   // camera, lens, label or keyword
	Value string   // as it was asked for
	Near  []string // values that pictures have and that may be meant, the nearest first
}

func (e *NoSuchValueError) Error() string {
	text := fmt.Sprintf("%v: none has the %s %q", ErrEmptyFilter, e.Field, e.Value)
	if len(e.Near) > 0 {
		text += "; did you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return text
}

func (e *NoSuchValueError) Is(target error) bool { return target == ErrEmptyFilter }

// ErrCursor reports a ListOptions.After that Pictures did not return.
var ErrCursor = errors.New("no page begins there")
