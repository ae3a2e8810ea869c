package model

import (
	"errors"
	"fmt"
	"strings"
)

// ErrMissing is what every error Is that is about a model which is not known, or not on this machine.
var ErrMissing = errors.New("the model is not on this machine")

// Missingf returns an ErrMissing with a text of its own.
func Missingf(format string, args ...any) error { return missing{fmt.Errorf(format, args...)} }

type missing struct{ error }

func (e missing) Unwrap() error        { return e.error }
func (e missing) Is(target error) bool { return target == ErrMissing }

// UnknownError is an ErrMissing: the name is not in the catalogue, and no folder for models has it.
type UnknownError struct {
	Model string
	Near  []string // names of models that may be meant
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("unknown model %q", e.Model)
	if len(e.Near) > 0 {
		text += "; did you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return text
}
func (e *UnknownError) Is(target error) bool { return target == ErrMissing }

// NoWeightsError is an ErrMissing: the model is in the catalogue, its weights are not on this machine.
type NoWeightsError struct{ Spec Spec }

func (e *NoWeightsError) Error() string {
	return fmt.Sprintf("the weights of %s are not on this machine", e.Spec.Name)
}
func (e *NoWeightsError) Is(target error) bool { return target == ErrMissing }

// BrokenLinkError is an ErrMissing: the ONNX file that a model links to was moved or removed.
type BrokenLinkError struct{ Model, Link, Target string }

func (e *BrokenLinkError) Error() string {
	return fmt.Sprintf("%s links to %s, which does not exist", e.Link, e.Target)
}
func (e *BrokenLinkError) Is(target error) bool { return target == ErrMissing }

// NoTextError is an ErrMissing: the model has no text encoder, or none of a collection's models has one.
type NoTextError struct {
	Model  string   // "" is all models of the collection
	Others []string // models of the collection that read text
}

func (e *NoTextError) Error() string {
	if e.Model == "" {
		return "no model of this collection reads text"
	}
	if len(e.Others) > 0 {
		return fmt.Sprintf("%s does not read text, and %s does", e.Model, e.Others[0])
	}
	return e.Model + " does not read text"
}
func (e *NoTextError) Is(target error) bool { return target == ErrMissing }

// UnknownArchitectureError reports that a checkpoint describes a network that akin cannot build.
type UnknownArchitectureError struct {
	File         string // the description, such as config.json
	Architecture string
	Known        []string // of such files, a * for any end of a name; nil if the name is of a known kind
}

func (e *UnknownArchitectureError) Error() string {
	if e.Known == nil {
		return fmt.Sprintf("its %s names the architecture %.100q, which akin does not build", e.File, e.Architecture)
	}
	return fmt.Sprintf("its %s names the architecture %.100q; akin knows %s", e.File, e.Architecture, strings.Join(e.Known, ", "))
}

// SeveralFamiliesError is a checkpoint whose tensors several families take, where no description beside it says which one
// it is of.
type SeveralFamiliesError struct{ Families []string }

func (e *SeveralFamiliesError) Error() string {
	return "its tensors are those of several architectures: " + strings.Join(e.Families, ", ")
}
