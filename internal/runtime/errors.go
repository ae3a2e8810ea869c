package runtime

import (
	"errors"
	"fmt"
)

// ErrDevice says that models cannot run on a device, ErrLibrary that ONNX Runtime cannot be loaded.
var (
	ErrDevice  = errors.New("the device cannot be used")
	ErrLibrary = errors.New("ONNX Runtime cannot be loaded")
)

// NotFoundError is an ErrLibrary: ONNX Runtime's shared library is not there.
type NotFoundError struct {
	Path string // that was named, "" where none was
	Err  error  // of reading it
}

func (e *NotFoundError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%v: its shared library was not found", ErrLibrary)
	}
	return fmt.Sprintf("%v: %s: %v", ErrLibrary, e.Path, e.Err)
}
func (e *NotFoundError) Is(target error) bool { return target == ErrLibrary }
func (e *NotFoundError) Unwrap() error        { return e.Err }

// DeviceError is an ErrDevice.
type DeviceError struct {
	Device string // as ParseDevice reads it
	Err    error
}

func (e *DeviceError) Error() string        { return fmt.Sprintf("%v: %s: %v", ErrDevice, e.Device, e.Err) }
func (e *DeviceError) Is(target error) bool { return target == ErrDevice }
func (e *DeviceError) Unwrap() error        { return e.Err }
