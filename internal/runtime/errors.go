package runtime

import (
	"errors"
	"fmt"

	"github.com/akin-search/akin/internal/model"
)

// ErrDevice says that models cannot run on a device, ErrLibrary that ONNX Runtime cannot be loaded.
var (
	ErrDevice  = errors.New("the device cannot be used")
	ErrLibrary = errors.New("ONNX Runtime cannot be loaded")
)

// ErrNoOpenVINO says that OpenVINO, which is optional, is not installed.
var ErrNoOpenVINO = errors.New("OpenVINO was not found")

// BFloat16Error is a model.ErrPrecision: bfloat16 cannot be computed on this machine.
type BFloat16Error struct{ Err error }

func (e *BFloat16Error) Error() string {
	return fmt.Sprintf("%v: bf16 cannot be computed on this machine: %v", model.ErrPrecision, e.Err)
}
func (e *BFloat16Error) Is(target error) bool { return target == model.ErrPrecision }
func (e *BFloat16Error) Unwrap() error        { return e.Err }

// NotFoundError is an ErrLibrary: ONNX Runtime's shared library is in none of the usual folders.
type NotFoundError struct{}

func (e *NotFoundError) Error() string {
	return ErrLibrary.Error() + ": its shared library was not found"
}
func (e *NotFoundError) Is(target error) bool { return target == ErrLibrary }

// LibraryError is an ErrLibrary: the file is missing, or not ONNX Runtime.
type LibraryError struct {
	Path  string
	Named bool // by the user; else it was found in one of the usual folders
	Err   error
}

func (e *LibraryError) Error() string        { return fmt.Sprintf("%v: %s: %v", ErrLibrary, e.Path, e.Err) }
func (e *LibraryError) Is(target error) bool { return target == ErrLibrary }
func (e *LibraryError) Unwrap() error        { return e.Err }

// DeviceError is an ErrDevice.
type DeviceError struct {
	Device string // as ParseDevice reads it
	Err    error
}

func (e *DeviceError) Error() string        { return fmt.Sprintf("%v: %s: %v", ErrDevice, e.Device, e.Err) }
func (e *DeviceError) Is(target error) bool { return target == ErrDevice }
func (e *DeviceError) Unwrap() error        { return e.Err }
