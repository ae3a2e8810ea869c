package container

import (
	"archive/zip"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
)

var zipKind = Kind{Name: "zip", Endings: []string{".zip", ".cbz", ".whl"}, Open: openZip}

const (
	// zipDirectory bounds the bytes of a zip file's list of members, which is read as a whole: some 600 000 of them.
	zipDirectory = 64 << 20
	encrypted    = 1 << 0 // of a member's flags
)

// zipFile is a zip archive as PKWARE's APPNOTE describes it, of which the list at the end counts.
type zipFile struct {
	list
	f     *os.File
	files []*zip.File
}

func openZip(_ context.Context, f *os.File) (Container, error) {
	z, err := newZip(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return z, nil
}

func newZip(f *os.File) (*zipFile, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in := &budget{r: f, left: zipDirectory}
	r, err := zip.NewReader(in, info.Size())
	switch {
	case in.left < 0:
		return nil, fmt.Errorf("%w: its list of members has more than %d MiB", ErrFile, zipDirectory>>20)
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it does not end as a zip archive does; copy it again", ErrFile)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	in.left = 1 << 62 // what is read from here on, Read bounds
	r.RegisterDecompressor(12, func(in io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(in)) })
	r.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(packedWindow)))
	z := &zipFile{f: f, files: r.File}
	packed := uint64(0)
	for i, file := range r.File {
		if packed += file.CompressedSize64; packed > uint64(info.Size()) || file.CompressedSize64 > uint64(info.Size()) {
			return nil, fmt.Errorf("%w: its members are said to have more bytes than the file: they overlap, as in a zip bomb, or it is cut off", ErrFile)
		}
		if file.FileInfo().IsDir() || !file.Mode().IsRegular() { // links are not followed
			continue
		}
		name, err := cleanName(zipName(file))
		if err != nil {
			z.flaw(err)
			continue
		}
		if file.UncompressedSize64 > 1<<62 {
			z.flaw(fmt.Errorf("%.80q: %d bytes are none", name, file.UncompressedSize64))
			continue
		}
		if !z.add(Member{Name: name, Size: int64(file.UncompressedSize64), ModTime: stamp(zipTime(file, info.ModTime()), file.CRC32), At: int64(i)}) {
			return nil, tooMany()
		}
	}
	z.seal()
	return z, nil
}

// packedWindow bounds what a decompressor keeps of what it has unpacked.
const packedWindow = 128 << 20

// zipName is a member's name as it was meant. Without the flag that says so it may still be UTF-8, as macOS writes it; else it is in the
// character set of the first IBM PC.
func zipName(f *zip.File) string {
	if utf8.ValidString(f.Name) {
		return f.Name
	}
	name, err := charmap.CodePage437.NewDecoder().String(f.Name)
	if err != nil {
		return f.Name
	}
	return name
}

// zipTime is when a member was written. Archives that are made to be the same each time say 1980, which is when the
// format's dates begin, and nothing of the member: then it is the archive's own date. The format's plain dates are of
// no time zone, and taken as UTC, so that they are the same wherever the archive is read.
func zipTime(f *zip.File, archive time.Time) time.Time {
	first := time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)
	if f.Modified.Before(first) {
		return archive
	}
	return f.Modified
}

func (z *zipFile) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	if m.At < 0 || m.At >= int64(len(z.files)) {
		return nil, fmt.Errorf("%w: it has no such member", ErrFile)
	}
	f := z.files[m.At]
	if f.Flags&encrypted != 0 {
		return nil, errors.New("it is encrypted: unpack the archive with its password, and index the folder")
	}
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, and at most %d are read", ErrTooLong, f.UncompressedSize64, limit)
	}
	in, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, fmt.Errorf("its compression %s is not supported: unpack the archive, and index the folder", zipMethod(f.Method))
	}
	if err != nil {
		return nil, fmt.Errorf("it is damaged in the archive: %w", err)
	}
	defer in.Close()
	data, err := readMember(ctx, in, int64(f.UncompressedSize64))
	switch {
	case errors.Is(err, zip.ErrChecksum):
		err = errors.New("it does not match its checksum in the archive")
	case errors.Is(err, zip.ErrFormat): // as package zip calls more bytes than were said
		err = tooManyBytes(m.Size)
	}
	return data, err
}

// zipMethod names a compression that is not read.
func zipMethod(method uint16) string {
	names := map[uint16]string{1: "Shrink", 6: "Implode", 9: "Deflate64", 14: "LZMA", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES"}
	if name := names[method]; name != "" {
		return fmt.Sprintf("%d (%s)", method, name)
	}
	return fmt.Sprint(method)
}

func (z *zipFile) Close() error { return z.f.Close() }

// budget reads until a number of bytes was read.
type budget struct {
	r    io.ReaderAt
	left int64
}

var errBudget = errors.New("too much of the file would be read")

func (b *budget) ReadAt(p []byte, at int64) (int, error) {
	if b.left < 1<<61 { // only while the list is read, by one goroutine
		if b.left -= int64(len(p)); b.left < 0 {
			return 0, errBudget
		}
	}
	return b.r.ReadAt(p, at)
}
