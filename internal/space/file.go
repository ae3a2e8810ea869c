package space

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// File is the file of an indexed picture, byte for byte as it was indexed.
type File struct {
	api.Picture
	io.ReadSeekCloser
	Type    string // "image/png"
	Hash    string // SHA-256
	ModTime time.Time
}

// File opens an indexed picture's file, or fetches its address. Errors: ErrNotIndexed;
// ErrNoFile; ErrChanged if its bytes are not those that were indexed, which protects a file
// that took its place.
func (c *Collection) File(ctx context.Context, name string) (*File, error) {
	f, err := c.file(ctx, name)
	if err != nil {
		return nil, err
	}
	out := &File{Picture: api.Picture{Name: f.Name, Source: f.Source}, Type: mediaType(f.format), Hash: hex.EncodeToString(f.hash[:])}
	if source.IsAddress(f.Source) {
		data, err := f.read(ctx, c.Client)
		out.ReadSeekCloser = inMemory{bytes.NewReader(data)}
		return out, err
	}
	opened, err := f.open()
	if err != nil {
		if source.IsMember(f.Source) {
			return c.memberFile(ctx, f, out)
		}
		return nil, err
	}
	sum, err := c.hashes.sum(ctx, opened)
	if err == nil && sum != f.hash {
		err = f.changed()
	}
	if err == nil {
		_, err = opened.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	out.ReadSeekCloser, out.ModTime = opened, time.Unix(0, f.mtime)
	return out, nil
}

// memberFile is File of a picture that lies in a container.
func (c *Collection) memberFile(ctx context.Context, f indexedFile, out *File) (*File, error) {
	data, err := f.read(ctx, c.Client)
	if err != nil {
		return nil, err
	}
	out.ReadSeekCloser, out.ModTime = inMemory{bytes.NewReader(data)}, time.Unix(0, f.mtime)
	return out, nil
}

// inMemory is bytes as a file.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func mediaType(format string) string {
	if f, ok := picture.FormatOf(format); ok {
		return f.MediaType
	}
	return "application/octet-stream"
}

// indexedFile is the file or address of an indexed picture, and its state when it was indexed.
type indexedFile struct {
	record.Picture
	format string
	hash   record.Hash
	mtime  int64
}

func (c *Collection) file(ctx context.Context, name string) (indexedFile, error) {
	p, err := c.find(ctx, name)
	if err != nil {
		return indexedFile{}, err
	}
	return c.fileOf(ctx, p)
}

func (c *Collection) fileOf(ctx context.Context, p record.Picture) (indexedFile, error) {
	if record.IsImported(p.Source) {
		return indexedFile{}, fmt.Errorf("%s was imported without a picture: %w", p.Name, api.ErrNoFile)
	}
	known, err := c.Store.About(ctx, []int64{p.ID})
	a, ok := known[p.ID]
	if err == nil && !ok {
		err = fmt.Errorf("%w: %q was removed meanwhile", record.ErrNotIndexed, p.Name)
	}
	return indexedFile{Picture: p, format: a.Format, hash: a.Hash, mtime: a.Mtime}, err
}

func (f indexedFile) open() (*os.File, error) {
	info, err := os.Stat(f.Source)
	if err == nil && !info.Mode().IsRegular() {
		return nil, f.changed()
	}
	var opened *os.File
	if err == nil {
		opened, err = os.Open(f.Source)
	}
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%w: %w", api.ErrNoFile, err)
	}
	return opened, err
}

// read returns the bytes that were indexed. Errors: api.ErrNoFile, api.ErrChanged.
func (f indexedFile) read(ctx context.Context, client *source.Client) ([]byte, error) {
	data, err := source.Bytes(ctx, client, f.Source)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", api.ErrNoFile, err)
	}
	if err == nil && embed.HashOf(data) != f.hash {
		err = f.changed()
	}
	return data, err
}

func (f indexedFile) changed() error {
	return fmt.Errorf("read %s: %w", f.Source, api.ErrChanged)
}
