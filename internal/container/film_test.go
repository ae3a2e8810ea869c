package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/picture"
)

// needs skips a test where a program of the system is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
}

// runFFmpeg runs ffmpeg in a folder, independently of what is tested.
func runFFmpeg(t *testing.T, dir string, args ...string) {
	t.Helper()
	needs(t, "ffmpeg", "ffprobe")
	cmd := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %q: %v: %s", args, err, out)
	}
}

func openFile(t *testing.T, path string) (Container, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := KindOf(path).Open(t.Context(), f)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

// pixels decodes a picture by this program.
func pixels(t *testing.T, data []byte) *picture.Picture {
	t.Helper()
	p, _, err := picture.Decode(t.Context(), data, picture.Limits{})
	if err != nil {
		t.Fatalf("%.40q: %v", data, err)
	}
	return p
}

func same(a, b *picture.Picture) bool {
	return a.Width == b.Width && a.Height == b.Height && bytes.Equal(a.Pix, b.Pix)
}

const testPattern = "testsrc=size=320x240:rate=10:duration=8" // ffmpeg's, which shows its time

// Frames are those that ffmpeg writes when it decodes the whole film: 80, one each 100 ms.
func TestFramesAreThoseOfTheFilm(t *testing.T) {
	t.Parallel()
	for name, coded := range map[string][]string{
		"b_frames.mp4":  {"-c:v", "mpeg4", "-bf", "2", "-g", "12"},
		"one_key.mkv":   {"-c:v", "ffv1", "-g", "1000"},
		"late.mts":      {"-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-muxdelay", "2"}, // its clock begins after 0
		"pictures.avi":  {"-c:v", "mjpeg"},
		"-i %03d x.mov": {"-c:v", "mpeg4"}, // a name like options and patterns
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			runFFmpeg(t, dir, slices.Concat([]string{"-f", "lavfi", "-i", testPattern}, coded, []string{"file:" + path})...)
			runFFmpeg(t, dir, "-i", "file:"+path, "all_%03d.png")
			c, err := openFile(t, path)
			if err != nil {
				t.Fatal(err)
			}
			if c.Members() != nil || c.Flaws() != nil {
				t.Errorf("%v, %v", c.Members(), c.Flaws())
			}
			for at, frame := range map[string]int{ // from a time on, the first one; at the end, the last one
				"frame 00:00:00.000": 1, "frame 00:00:00.050": 2, "frame 00:00:01.230": 14, "frame 00:00:02.000": 21, "frame 00:00:07.300": 74, "frame 00:00:07.950": 80,
			} {
				m, ok := c.Find(at)
				if !ok {
					t.Fatalf("there is no %s", at)
				}
				got, err := c.Read(t.Context(), m, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				want, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("all_%03d.png", frame)))
				if err != nil {
					t.Fatal(err)
				}
				if !same(pixels(t, got), pixels(t, want)) {
					t.Errorf("%s is not the film's %d.", at, frame)
				}
			}
		})
	}
}

// The frames of a sample are in the middle of equal parts of the film, by their names in the order of time.
func TestASampleIsEvenlySpaced(t *testing.T) {
	t.Parallel()
	c := &film{duration: 90 * time.Minute, frames: 90 * 60 * 25, title: "Metropolis"}
	var names []string
	for _, m := range c.Sample(3) { // in the middle of 0 to 30, 30 to 60 and 60 to 90 minutes
		names = append(names, m.Name)
		if found, ok := c.Find(m.Name); !ok || found.Name != m.Name || found.At != m.At {
			t.Errorf("%+v is found as %+v", m, found)
		}
	}
	if want := []string{"frame 00:15:00.000", "frame 00:45:00.000", "frame 01:15:00.000"}; !slices.Equal(names, want) {
		t.Errorf("%q, not %q", names, want)
	}
	if got := c.Sample(1)[0].Title; got != "Metropolis 00:45:00.000" {
		t.Error(got)
	}
	for _, few := range []struct {
		film film
		n    int
		want int
	}{
		{film{duration: time.Second, frames: 4}, 100, 4},
		{film{duration: 5 * time.Millisecond}, 100, 5},
		{film{}, 100, 1}, // of no duration
		{film{duration: time.Hour}, 0, 0},
		{film{duration: 2400 * time.Hour, frames: 1 << 40}, 1 << 40, maxMembers},
	} {
		all := few.film.Sample(few.n)
		names := map[string]bool{}
		for _, m := range all {
			names[m.Name] = true
		}
		if len(all) != few.want || len(names) != few.want {
			t.Errorf("%+v: %d frames of %d names, not %d", few.film, len(all), len(names), few.want)
		}
	}
}

func TestOnlyTimesInTheFilmAreFrames(t *testing.T) {
	t.Parallel()
	c := &film{duration: time.Minute}
	for _, name := range []string{"", "frame", "frame 00:01:00.000", "frame 99:00:00.000", "frame 00:00:60.000", "frame 0:0:0.0", "frame -1:00:00.000",
		"frame 00:00:01.0001", "frame 00:00:01.000 ", "Frame 00:00:01.000", "frame 9999999999999999999:00:00.000"} {
		if m, ok := c.Find(name); ok {
			t.Errorf("%q is %+v", name, m)
		}
	}
	if m, ok := c.Find("frame 00:00:59.999"); !ok || m.At != int64(59_999*time.Millisecond) {
		t.Errorf("%+v, %v", m, ok)
	}
}

// Frames are as players show them: pixels that are no squares, and films of phones held upright.
func TestFramesAreShownAsPlayersDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runFFmpeg(t, dir, "-f", "lavfi", "-i", testPattern, "-vf", "setsar=2", "-c:v", "mpeg4", "wide.mp4")
	c, err := openFile(t, filepath.Join(dir, "wide.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Read(t.Context(), c.(Sampled).Sample(1)[0], 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if p := pixels(t, data); p.Width != 640 || p.Height != 240 {
		t.Errorf("%d x %d", p.Width, p.Height)
	}
}

// A film that names other files or addresses is refused, and they are not opened.
func TestListsOfOtherFilesAreNoFilms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runFFmpeg(t, dir, "-f", "lavfi", "-i", testPattern, "-c:v", "mpeg4", "secret.mp4")
	secret := filepath.Join(dir, "secret.mp4")
	for why, text := range map[string]string{
		"a playlist":               "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n" + secret + "\n#EXT-X-ENDLIST\n",
		"a playlist of addresses":  "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n",
		"a list to join":           "ffconcat version 1.0\nfile " + secret + "\n",
		"an older list":            "file '" + secret + "'\n",
		"a presentation":           `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><BaseURL>file://` + secret + `</BaseURL></Period></MPD>`,
		"a session":                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
		"a reference in QuickTime": "\x00\x00\x00\x08wide\x00\x00\x00\x00rmra",
		"subtitles":                "1\n00:00:00,000 --> 00:00:02,000\nHello\n",
		"nothing":                  "",
		"noise":                    strings.Repeat("\x8a\x01noise", 5000),
	} {
		path := filepath.Join(dir, "x.mp4")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if c, err := openFile(t, path); !errors.Is(err, ErrFile) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "/dev/fd") {
			t.Errorf("%s: %+v, %v", why, c, err)
		}
	}
}

// A film that was cut off gives the frames that are there, and an error for the others, and never waits.
func TestACutFilmEndsWithAnErrorOrItsLastFrame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runFFmpeg(t, dir, "-f", "lavfi", "-i", testPattern, "-c:v", "mpeg4", "-g", "10", "-movflags", "+faststart", "head.mp4")
	runFFmpeg(t, dir, "-f", "lavfi", "-i", testPattern, "-c:v", "mpeg4", "tail.mp4")
	for _, name := range []string{"head.mp4", "tail.mp4"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "cut.mp4")
		if err := os.WriteFile(path, data[:len(data)/2], 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := openFile(t, path)
		if name == "tail.mp4" { // what describes it is gone
			if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "moov atom not found") {
				t.Errorf("%v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		some := c.(Sampled).Sample(8)
		if data, err := c.Read(t.Context(), some[0], 1<<20); err != nil {
			t.Error(err)
		} else {
			pixels(t, data)
		}
		if _, err := c.Read(t.Context(), some[7], 1<<20); err != nil && !errors.Is(err, ErrFile) {
			t.Error(err)
		}
	}
}

func TestFramesAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runFFmpeg(t, dir, "-f", "lavfi", "-i", testPattern, "-c:v", "mpeg4", "a.mp4")
	c, err := openFile(t, filepath.Join(dir, "a.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	m := c.(Sampled).Sample(1)[0]
	if _, err := c.Read(t.Context(), m, 1000); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
	c.(*film).limits.Time = time.Millisecond
	if _, err := c.Read(t.Context(), m, 1<<20); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "it takes too long") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Read(ctx, m, 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	runFFmpeg(t, dir, "-f", "lavfi", "-i", "color=size=40000x2:rate=1:duration=1", "-c:v", "ffv1", "large.mkv")
	if _, err := openFile(t, filepath.Join(dir, "large.mkv")); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "40000 x 2 pixels") {
		t.Errorf("%v", err)
	}
	runFFmpeg(t, dir, "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", "sound.mp4")
	if _, err := openFile(t, filepath.Join(dir, "sound.mp4")); !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), "no moving pictures") {
		t.Errorf("%v", err)
	}
}

// Who has no ffmpeg or poppler is told which library is absent, as with those of picture formats.
func TestAProgramThatIsAbsentIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, library := range map[string]string{"x.mp4": "FFmpeg", "x.pdf": "Poppler"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("%PDF-1.4"), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := openFile(t, path)
		absent, ok := errors.AsType[*picture.NoDecoderError](err)
		if !ok || absent.Library != library || !errors.Is(err, picture.ErrNoDecoder) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A name that is found is the name of what is found, at a time in the film or a page of the document.
func FuzzSampledNames(f *testing.F) {
	for _, name := range []string{"frame 00:00:01.500", "frame 99:59:59.999", "frame 1:2:3.4", "page 7", "page 007", "page 99999999999999999999", "page -1", ""} {
		f.Add(name)
	}
	c, d := &film{duration: time.Hour}, &document{pages: 120}
	f.Fuzz(func(t *testing.T, name string) {
		if m, ok := c.Find(name); ok && (m.Name != name || m.At < 0 || m.At >= int64(time.Hour)) {
			t.Errorf("%q: %+v", name, m)
		}
		if m, ok := d.Find(name); ok {
			if again, ok := d.Find(m.Name); !ok || again.Name != m.Name || m.At < 1 || m.At > 120 {
				t.Errorf("%q: %+v", name, m)
			}
		}
	})
}
