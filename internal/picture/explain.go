package picture

import (
	"compress/flate"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"strings"
)

// explain turns what a Go decoder says into this package's errors.
func (s *source) explain(err error) error {
	if err == nil {
		return nil
	}
	var known *failure
	if errors.As(err, &known) || errors.Is(err, ErrNoDecoder) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return s.truncated()
	}
	text := err.Error()
	var flateErr flate.CorruptInputError
	if errors.Is(err, zlib.ErrChecksum) || errors.Is(err, zlib.ErrHeader) || errors.As(err, &flateErr) {
		return s.corrupt("bad compressed data (%v)", err)
	}
	for _, prefix := range []string{"tiff: ", "webp: ", "vp8: ", "vp8l: ", "riff: ",
		"invalid format: ", "unsupported feature: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if strings.Contains(err.Error(), "unsupported") {
		return s.unsupported("unsupported: %s", text)
	}
	return s.corrupt("%s", text)
}
