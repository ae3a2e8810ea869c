package container

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	keptBytes = 64 << 20 // of members that were passed over
	// A packed archive may unpack to unpackedBytes, and beyond that to unpackedTimes its size. Pictures are packed
	// already, and hardly become smaller.
	unpackedBytes = 1 << 30
	unpackedTimes = 200
)

// A packer unpacks a stream.
type packer func(in io.Reader) (io.ReadCloser, error)

// packerOf returns what unpacks a stream that begins so, nil where nothing is packed.
func packerOf(head []byte) packer {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return func(in io.Reader) (io.ReadCloser, error) { return gzip.NewReader(in) }
	case bytes.HasPrefix(head, []byte("BZh")):
		return func(in io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(in)), nil }
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		return func(in io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(packedWindow))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		}
	}
	return nil
}

// packedTar is a tar archive that is packed as a whole, so that a member is reached by unpacking all before it. One
// place in the stream is kept: who reads the members in their order unpacks the archive once. As several do so at a time, and
// nearly in order, members that are passed over are kept for a while.
type packedTar struct {
	list
	f    *os.File
	size int64
	pack packer

	mu   sync.Mutex // guards the fields below
	at   *place     // nil before the first is read
	kept kept
}

// place is one in the stream of a packed archive.
type place struct {
	in   io.ReadCloser
	tar  *tar.Reader
	next int64 // number of the next member
}

func newPackedTar(ctx context.Context, f *os.File, info os.FileInfo, pack packer) (*packedTar, error) {
	t := &packedTar{f: f, size: info.Size(), pack: pack}
	in, err := t.unpack()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	texts := map[string][]byte{}
	err = walkTar(ctx, in, &t.list, func(m Member, data io.Reader) error {
		sum := crc32.NewIEEE()
		var text bytes.Buffer
		to := io.Writer(sum)
		if isAside(m.Name) && m.Size <= asideLimit {
			to = io.MultiWriter(sum, &text)
		}
		if n, err := io.Copy(to, data); err != nil {
			t.flaw(fmt.Errorf("%.80q: it is cut off after %d of %d bytes: %w", m.Name, n, m.Size, err))
			return nil
		}
		m.ModTime = stamp(dated(m.ModTime, info.ModTime()), sum.Sum32())
		if text.Len() > 0 {
			texts[m.Name] = text.Bytes()
		}
		return t.put(m)
	})
	if err != nil {
		return nil, err
	}
	t.seal()
	s := shard{read: func(m Member) ([]byte, error) { return texts[m.Name], nil }}
	return t, s.describe(&t.list)
}

// unpack begins to unpack the archive.
func (t *packedTar) sequential() {}

func (t *packedTar) unpack() (io.ReadCloser, error) {
	in, err := t.pack(io.NewSectionReader(t.f, 0, t.size))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return &limited{in, unpackedBytes + unpackedTimes*t.size}, nil
}

// limited is a stream that ends with an error after a number of bytes.
type limited struct {
	io.ReadCloser
	left int64
}

func (b *limited) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("it unpacks to more than %d times its size, as a bomb does", unpackedTimes)
	}
	return n, err
}

func (t *packedTar) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	if err := fits(m.Size, limit); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if data, ok := t.kept.take(m.At); ok {
		return data, nil
	}
	data, err := t.reach(ctx, m)
	if err != nil {
		t.leave()
	}
	return data, err
}

// reach reads a member, from where the stream is or from its beginning. It keeps those that it passes over.
func (t *packedTar) reach(ctx context.Context, m Member) ([]byte, error) {
	if t.at != nil && t.at.next > m.At {
		t.leave()
	}
	isNear := t.at != nil // else those before it were read, or are not wanted
	if t.at == nil {
		in, err := t.unpack()
		if err != nil {
			return nil, err
		}
		t.at = &place{in: in, tar: tar.NewReader(in)}
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := t.at.tar.Next()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, fmt.Errorf("it is damaged in the archive: %w", err)
		}
		if !isMember(h) {
			continue
		}
		number := t.at.next
		t.at.next++
		switch {
		case number == m.At:
			return readMember(ctx, t.at.tar, m.Size)
		case isNear && h.Size <= keptBytes/8 && !isAside(h.Name):
			data, err := readMember(ctx, t.at.tar, h.Size)
			if err != nil {
				return nil, err
			}
			t.kept.put(number, data)
		}
	}
}

func (t *packedTar) leave() {
	if t.at != nil {
		_ = t.at.in.Close() // it was only read
		t.at = nil
	}
}

func (t *packedTar) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave()
	return t.f.Close()
}

// kept are members that were passed over, by their number.
type kept struct {
	data  map[int64][]byte
	order []int64 // the oldest first; some may be gone
	bytes int
}

func (k *kept) put(number int64, data []byte) {
	if k.data == nil {
		k.data = map[int64][]byte{}
	}
	k.data[number] = data
	k.order = append(k.order, number)
	for k.bytes += len(data); k.bytes > keptBytes; k.order = k.order[1:] {
		k.take(k.order[0])
	}
}

func (k *kept) take(number int64) ([]byte, bool) {
	data, ok := k.data[number]
	if ok {
		k.bytes -= len(data)
		delete(k.data, number)
	}
	return data, ok
}
