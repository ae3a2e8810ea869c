package container

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"time"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/tool"
)

// What members are of which some are chosen.
const (
	Frames = "frames"
	Pages  = "pages"
)

// A Sampled container has more members than anyone wants, such as the frames of a film: it lists those that are asked for.
type Sampled interface {
	Container
	// Sample returns n members, or fewer where there are fewer.
	Sample(n int) []Member
}

// sampledTime is the ModTime of all members: they change with the file, and with the program that makes pictures of it.
func sampledTime(info os.FileInfo, program string) time.Time {
	return stamp(info.ModTime(), crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %d %s", info.Size(), info.ModTime().UnixNano(), program)))
}

// missing makes an error of a program an error of the container: of a program that is not installed, the one that pictures
// have whose decoder is not.
func missing(what string, err error) error {
	if absent, ok := errors.AsType[*tool.MissingError](err); ok {
		return &picture.NoDecoderError{Format: what, Library: absent.Program.Library, Err: absent}
	}
	if errors.Is(err, tool.ErrTime) || errors.Is(err, tool.ErrOutput) || errors.As(err, new(*tool.FailedError)) {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return err
}

// Programs are the programs of the system that containers need.
func Programs() []picture.Decoder { return []picture.Decoder{Program(Frames), Program(Pages)} }

// Program is what makes pictures of Frames or Pages: what it is part of, and why it cannot be used.
func Program(members string) picture.Decoder {
	formats, programs := "frames of films", []tool.Program{ffprobe, ffmpeg}
	if members == Pages {
		formats, programs = "pages of PDF", []tool.Program{pdfinfo, pdftoppm}
	}
	d := picture.Decoder{Name: programs[0].Library, Formats: formats}
	for _, p := range programs {
		about, err := p.About()
		if err != nil {
			d.Err = &picture.LibraryError{Library: d.Name, Err: err}
			break
		}
		d.Library = about
	}
	return d
}
