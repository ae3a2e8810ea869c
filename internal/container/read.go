package container

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// firstBytes are made room for before anything was unpacked, whatever the member's size is said to be.
const firstBytes = 1 << 20

func tooManyBytes(size int64) error {
	return fmt.Errorf("it unpacks to more than the %d bytes that the archive says", size)
}

// readMember reads the bytes of a member, which must be as many as were said: one that unpacks to more is a bomb.
func readMember(ctx context.Context, in io.Reader, size int64) ([]byte, error) {
	data := make([]byte, 0, min(size, firstBytes)+1)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			grown := make([]byte, len(data), min(2*int64(cap(data)), size+1))
			copy(grown, data)
			data = grown
		}
		n, err := in.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > size:
			return nil, tooManyBytes(size)
		case errors.Is(err, io.EOF) && int64(len(data)) == size:
			return data, nil
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("it is cut off after %d of %d bytes", len(data), size)
		case err != nil:
			return nil, fmt.Errorf("it is damaged in the archive: %w", err)
		}
	}
}

// fits returns ErrTooLong of a member that has more bytes than are read.
func fits(size, limit int64) error {
	if size > limit {
		return fmt.Errorf("%w: %d bytes, and at most %d are read", ErrTooLong, size, limit)
	}
	return nil
}
