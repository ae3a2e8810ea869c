package container

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

var tarKind = Kind{
	Name: "tar", Open: openTar,
	Endings: []string{".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.zst", ".tzst", ".tar.xz", ".txz"},
}

// openTar opens a tar archive, which its first bytes tell to be packed or not, whatever it is called.
func openTar(ctx context.Context, f *os.File) (Container, error) {
	c, err := func() (Container, error) {
		var head [6]byte
		n, err := f.ReadAt(head[:], 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(head[:n], []byte("\xfd7zXZ\x00")) { // its library does not bound the memory that a file asks for
			return nil, fmt.Errorf("%w: tar archives that are packed with xz are not supported: unpack it, or pack it with zstd", ErrFile)
		}
		if p := packerOf(head[:n]); p != nil {
			return newPackedTar(ctx, f, info, p)
		}
		return newTar(ctx, f, info)
	}()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

// tarFile is a tar archive that is not packed: where its members lie is found by their headers alone, without reading
// the rest.
type tarFile struct {
	list
	f *os.File
}

func newTar(ctx context.Context, f *os.File, info os.FileInfo) (*tarFile, error) {
	t := &tarFile{f: f}
	in := io.NewSectionReader(f, 0, info.Size())
	state := stateOf(info)
	s := shard{read: func(m Member) ([]byte, error) { return t.Read(ctx, m, asideLimit) }}
	err := walkTar(ctx, in, &t.list, func(m Member, _ io.Reader) error {
		m.At, _ = in.Seek(0, io.SeekCurrent)
		if m.Size > info.Size()-m.At {
			t.flaw(fmt.Errorf("%.80q: it is cut off after %d of %d bytes", m.Name, info.Size()-m.At, m.Size))
			return nil
		}
		m.ModTime = stamp(dated(m.ModTime, info.ModTime()), state)
		return t.put(m)
	})
	if err != nil {
		return nil, err
	}
	t.seal()
	return t, s.describe(&t.list)
}

// stateOf is a sum over what differs when an archive was written to: its members have no checksums of their own.
func stateOf(info os.FileInfo) uint32 {
	return crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %d", info.Size(), info.ModTime().UnixNano()))
}

// put is add with an error.
func (l *list) put(m Member) error {
	if !l.add(m) {
		return tooMany()
	}
	return nil
}

// walkTar calls fn for the members of a tar archive that are files with a proper name, with their numbers among all
// files; data is what a member holds. What
// is wrong behind the first member is a flaw, and ends the walk: what lies before it is read all the same.
func walkTar(ctx context.Context, in io.Reader, l *list, fn func(m Member, data io.Reader) error) error {
	r := tar.NewReader(in)
	number := int64(0)
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && n == 0:
			return fmt.Errorf("%w: it does not begin as a tar archive does: %w", ErrFile, err)
		case errors.Is(err, io.ErrUnexpectedEOF):
			l.flaw(errors.New("it is cut off: copy it again"))
			return nil
		case err != nil:
			l.flaw(fmt.Errorf("it is damaged behind its first %d members: %w", n, err))
			return nil
		case n > 2*maxMembers: // folders and links as well
			return tooMany()
		case isSparse(h):
			l.flaw(fmt.Errorf("%.80q: files with holes (sparse) are not supported", h.Name))
		}
		if !isMember(h) {
			continue
		}
		number++
		name := h.Name
		if !utf8.ValidString(name) {
			name = latin1(name)
		}
		if name, err = cleanName(name); err != nil {
			l.flaw(err)
			continue
		}
		if err := fn(Member{Name: name, Size: h.Size, ModTime: h.ModTime, At: number - 1}, r); err != nil {
			return err
		}
	}
}

// isMember reports whether a header is of a plain file: not of a folder or a device, nor of a link, which is not followed.
func isMember(h *tar.Header) bool { return h.Typeflag == tar.TypeReg && !isSparse(h) }

// isSparse reports whether a header is of a file with holes, as older and newer versions of GNU tar write it.
func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// latin1 is a name in ISO 8859-1, as older systems wrote it.
func latin1(name string) string {
	var b strings.Builder
	for i := range len(name) {
		b.WriteRune(rune(name[i]))
	}
	return b.String()
}

func (t *tarFile) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	if err := fits(m.Size, limit); err != nil {
		return nil, err
	}
	return readMember(ctx, io.NewSectionReader(t.f, m.At, m.Size), m.Size)
}

func (t *tarFile) Close() error { return t.f.Close() }

// dated is a date, or that of the archive where there is none.
func dated(t, archive time.Time) time.Time {
	if t.Unix() <= 0 {
		return archive
	}
	return t
}
