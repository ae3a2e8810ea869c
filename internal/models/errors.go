package models

import (
	"errors"
	"fmt"

	"github.com/akin-search/akin/api"
)

// NameTakenError is about a model to be added under a name that another one has.
type NameTakenError struct {
	Model string
	Path  string // of the other; "" is a model of the catalogue
}

func (e *NameTakenError) Error() string {
	if e.Path == "" {
		return "the catalogue has a model of that name"
	}
	return "the name is taken by " + e.Path
}

// ONNXFileError is about an ONNX file that was given to Pull: AddModel makes it a model.
type ONNXFileError struct{ Path string }

func (e *ONNXFileError) Error() string {
	return fmt.Sprintf("pull %s: an ONNX file has no name yet; it must be added as a model", e.Path)
}

// BundledError is about a model that cannot be downloaded by itself: it comes with akin.
type BundledError struct{ Model string }

func (e *BundledError) Error() string {
	return fmt.Sprintf("pull %s: this model comes with akin and cannot be downloaded by itself", e.Model)
}

// ErrLicence reports that the terms of a licence were not accepted.
var ErrLicence = errors.New("the licence was not accepted")

// LicenceError is an ErrLicence: it reports that weights were not fetched, because nobody accepted the terms of their licence.
type LicenceError struct{ api.Licence }

func (e *LicenceError) Is(target error) bool { return target == ErrLicence }

func (e *LicenceError) Error() string {
	text := fmt.Sprintf("the weights of %s are published %s (%s)", e.Model, e.Terms, e.Name)
	if e.Page != "" {
		text += ": see " + e.Page
	}
	return text
}
