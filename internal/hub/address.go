package hub

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
)

// Address is a file that a model's authors publish on a server of their own.
type Address struct {
	URL string
	To  string // the file's path in the model's folder, with slashes
	// Members are patterns, as path.Match's, of what is taken out of a zip archive, under the paths that it
	// has there. Nil takes the file as it is.
	Members []string
}

// unpackedLimit bounds what an archive may hold of what is taken from it.
const unpackedLimit = 16 << 30

// PullAddresses makes a folder of files from their authors' servers: it is there when it is whole, and not
// before. Cancelling ctx loses nothing. Nobody tells the hashes of such files, so they are what the server
// sent. Errors: ErrNotFound, ErrDenied, ErrOffline, ErrCorrupt.
func (h *Hub) PullAddresses(ctx context.Context, dir string, files []Address) error {
	fail := func(err error) error { return fmt.Errorf("pull %s: %w", filepath.Base(dir), err) }
	unlock, err := lockPart(ctx, dir)
	if err != nil {
		return fail(err)
	}
	defer unlock()
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	if h.Offline {
		return fail(ErrOffline)
	}
	begun := dir + partial
	for _, a := range files {
		if err := h.pullAddress(ctx, begun, a); err != nil {
			return fail(fmt.Errorf("%s: %w", a.URL, err))
		}
	}
	if err := os.Rename(begun, dir); err != nil {
		return fail(err)
	}
	return disk.OS.SyncDir(filepath.Dir(dir))
}

func (h *Hub) pullAddress(ctx context.Context, dir string, a Address) error {
	to := filepath.Join(dir, filepath.FromSlash(a.To))
	done := to
	if a.Members != nil {
		done += ".unpacked" // an empty file
	}
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if err := disk.MkdirAll(disk.OS, filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if err := h.fetchAddress(ctx, a.URL, to); err != nil {
		return err
	}
	if a.Members == nil {
		return nil
	}
	if err := h.unpack(ctx, to, dir, a.Members); err != nil {
		if errors.Is(err, ErrCorrupt) { // begun again the next time
			err = errors.Join(err, os.Remove(to))
		}
		return err
	}
	if err := os.Remove(to); err != nil {
		return err
	}
	return disk.Replace(done, nil, 0o666)
}

// fetchAddress fetches a file. What an earlier call began is gone on with if the server still has the same file,
// by its size and ETag.
func (h *Hub) fetchAddress(ctx context.Context, address, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	server := *h
	server.Endpoint, server.Token = u.Scheme+"://"+u.Host, "" // the token is the hub's
	response, err := server.open(ctx, u.RequestURI(), span{0, 1})
	if err != nil {
		return err
	}
	response.Body.Close()
	size, err := sizeOf(response)
	if err != nil {
		return err
	}
	name := sha256.Sum256(fmt.Appendf(nil, "%d %s", size, response.Header.Get("ETag")))
	begun := fmt.Sprintf("%s.%s%s", to, hex.EncodeToString(name[:4]), incomplete)
	if err := removeOthers(filepath.Dir(to), filepath.Base(to)+".*"+incomplete, begun); err != nil {
		return err
	}
	have := int64(0)
	if info, err := os.Stat(begun); err == nil {
		have = info.Size()
	}
	if err := h.room(filepath.Dir(to), size-have); err != nil {
		return err
	}
	return server.obtain(ctx, u.RequestURI(), file{size: size}, begun, to, nil, &progress{total: size, report: h.Progress})
}

// sizeOf returns the size of a file whose first byte was asked for.
func sizeOf(r *http.Response) (int64, error) {
	size := r.ContentLength
	if r.StatusCode == http.StatusPartialContent {
		size = -1
		if _, after, ok := strings.Cut(r.Header.Get("Content-Range"), "/"); ok {
			if _, err := fmt.Sscan(after, &size); err != nil {
				size = -1
			}
		}
	}
	if size < 0 || strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		return 0, fmt.Errorf("%w: it sends a page, or a file without a size", ErrCorrupt)
	}
	return size, nil
}

// removeOthers removes the beginnings of other versions of a file.
func removeOthers(dir, pattern, keep string) error {
	others, err := glob.Files(dir, pattern)
	for _, other := range others {
		if other != keep && err == nil {
			err = os.Remove(other)
		}
	}
	return err
}

// unpack takes files out of an archive. What it does not take is not looked at.
func (h *Hub) unpack(ctx context.Context, archive, dir string, patterns []string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	defer z.Close()
	found := map[string]bool{}
	taken := map[string]*zip.File{}
	var size uint64
	for _, f := range z.File {
		for _, pattern := range patterns {
			if ok, _ := path.Match(pattern, f.Name); !ok {
				continue
			}
			if !filepath.IsLocal(filepath.FromSlash(f.Name)) || path.Clean(f.Name) != f.Name || strings.ContainsRune(f.Name, '\\') || !f.Mode().IsRegular() || taken[f.Name] != nil {
				return fmt.Errorf("%w: its member %.100q is not a plain file of a plain name", ErrCorrupt, f.Name)
			}
			found[pattern], taken[f.Name] = true, f
			if size += f.UncompressedSize64; f.UncompressedSize64 > unpackedLimit || size > unpackedLimit {
				return fmt.Errorf("%w: it unpacks to more than %d GB", ErrCorrupt, unpackedLimit>>30)
			}
			break
		}
	}
	for _, pattern := range patterns {
		if !found[pattern] {
			return fmt.Errorf("%w: it has no %s", ErrCorrupt, pattern)
		}
	}
	if err := h.room(dir, int64(size)); err != nil {
		return err
	}
	for name, f := range taken {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := unpackFile(f, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return fmt.Errorf("%.100s: %w", name, err)
		}
	}
	return nil
}

// unpackFile writes a member of an archive, and no more than the archive says it has.
func unpackFile(f *zip.File, to string) error {
	if err := disk.MkdirAll(disk.OS, filepath.Dir(to), 0o777); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	n, err := io.Copy(out, io.LimitReader(in, int64(f.UncompressedSize64)+1)) // its checksum is compared at its end
	switch {
	case errors.As(err, new(*os.PathError)):
		return err
	case err != nil || n != int64(f.UncompressedSize64):
		return fmt.Errorf("%w: it unpacks to %d bytes, not %d: %w", ErrCorrupt, n, f.UncompressedSize64, errors.Join(err, zip.ErrFormat))
	}
	return errors.Join(out.Sync(), out.Close(), disk.OS.SyncDir(filepath.Dir(to)))
}
