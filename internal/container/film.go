package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/tool"
)

// FFmpeg's programs.
var (
	ffmpeg  = tool.Program{Name: "ffmpeg", Library: "FFmpeg", Version: []string{"-version"}}
	ffprobe = tool.Program{Name: "ffprobe", Library: "FFmpeg", Version: []string{"-version"}}
)

var filmKind = Kind{
	Name: "film",
	Endings: []string{".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".mts", ".m2ts", ".vob", ".wmv", ".asf", ".flv", ".f4v",
		".3gp", ".3g2", ".ogv", ".mxf"},
	Sampled: Frames, Open: openFilm,
}

// filmFormats are the demuxers that may read a film, and no others: those of playlists (hls, dash, concat) open the files and
// addresses that a file names.
const filmFormats = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,mxf,mxf_opatom"

// indexed are the formats that tell where key frames are. In the others reading begins earlier: where it begins between two
// key frames, all up to the next one are lost.
var indexed = []string{"mov,mp4", "matroska", "avi", "mxf"}

const unindexed = 5 * time.Second // usual key frames of broadcasts are closer than that

const (
	filmPixels = 1 << 26 // of a frame: twice those of 8K
	filmSide   = 1 << 15
)

var (
	probeLimits = tool.Limits{Time: 30 * time.Second, Output: 1 << 20, Memory: 4 << 30}
	frameLimits = tool.Limits{Time: time.Minute, Memory: 4 << 30}
)

// film is a film, whose members are its frames. None is listed: Sample chooses some, and Find finds any by its time.
type film struct {
	f        *os.File
	duration time.Duration // 0 where the film does not tell it
	frames   int64         // about as many; 0 is not known
	before   time.Duration // a frame that it begins to be read
	modTime  time.Time
	title    string
	limits   tool.Limits
}

// safely are arguments before the input: what it is read by, and how much it may ask for.
func safely(more ...string) []string {
	return append([]string{"-v", "error", "-protocol_whitelist", "file", "-format_whitelist", filmFormats, "-max_pixels", strconv.Itoa(filmPixels)}, more...)
}

// probed is what ffprobe -of json writes.
type probed struct {
	Streams []struct {
		Width    int
		Height   int
		Frames   string `json:"nb_frames"`
		Rate     string `json:"avg_frame_rate"`
		Duration string
	}
	Format struct {
		Duration string
		Name     string `json:"format_name"`
	}
}

func openFilm(ctx context.Context, f *os.File) (Container, error) {
	c, err := newFilm(ctx, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

func newFilm(ctx context.Context, f *os.File) (*film, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	version, err := ffmpeg.About()
	if err != nil {
		return nil, missing("a film", err)
	}
	out, err := ffprobe.Run(ctx, f, probeLimits, func(file string) []string {
		return safely("-select_streams", "V:0", "-show_entries", "stream=width,height,nb_frames,avg_frame_rate,duration:format=duration,format_name", "-of", "json", "-i", "file:"+file)
	})
	if err != nil {
		return nil, missing("a film", err)
	}
	var p probed
	if err := json.Unmarshal(out, &p); err != nil {
		return nil, fmt.Errorf("%w: ffprobe: %w", ErrFile, err)
	}
	if len(p.Streams) == 0 {
		return nil, fmt.Errorf("%w: it has no moving pictures", ErrFile)
	}
	s := p.Streams[0]
	if s.Width <= 0 || s.Height <= 0 || max(s.Width, s.Height) > filmSide || s.Width > filmPixels/s.Height {
		return nil, fmt.Errorf("%w: its frames have %d x %d pixels", ErrFile, s.Width, s.Height)
	}
	duration, ok := seconds(s.Duration)
	if !ok {
		duration, _ = seconds(p.Format.Duration)
	}
	c := &film{f: f, duration: duration, before: unindexed, modTime: sampledTime(info, version), title: titleOf(f), limits: frameLimits}
	if slices.ContainsFunc(indexed, func(name string) bool { return strings.Contains(p.Format.Name, name) }) {
		c.before = 0
	}
	if n, err := strconv.ParseInt(s.Frames, 10, 64); err == nil && n > 0 {
		c.frames = n
	} else if rate, ok := fraction(s.Rate); ok {
		c.frames = int64(duration.Seconds()*rate + 0.5)
	}
	return c, nil
}

// seconds reads a number of seconds, and refuses what is none, or a century.
func seconds(text string) (time.Duration, bool) {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s > 0 && s < 100*365*24*3600) {
		return 0, false
	}
	return time.Duration(s * float64(time.Second)), true
}

// fraction reads "30000/1001".
func fraction(text string) (float64, bool) {
	above, below, ok := strings.Cut(text, "/")
	a, errA := strconv.ParseFloat(above, 64)
	b, errB := strconv.ParseFloat(below, 64)
	return a / b, ok && errA == nil && errB == nil && a > 0 && b > 0
}

// Members lists none: a film has too many.
func (c *film) Members() []Member { return nil }

// Flaws says that a film without a duration gives one frame.
func (c *film) Flaws() []error {
	if c.duration == 0 {
		return []error{errors.New("it does not tell how long it is, so only its first frame is read")}
	}
	return nil
}

// Sample returns n frames, or all where the film has fewer: those in the middle of n equal parts of its time. Neither the
// first nor the last, which are often black, is among them.
func (c *film) Sample(n int) []Member {
	most := max(1, c.duration.Milliseconds())
	if c.frames > 0 {
		most = min(most, c.frames)
	}
	n = int(min(int64(n), most, maxMembers))
	all := make([]Member, 0, max(n, 0))
	for i := range n {
		part := float64(c.duration) / float64(n)
		all = append(all, c.at(time.Duration((float64(i)+0.5)*part).Truncate(time.Millisecond)))
	}
	return all
}

func (c *film) at(t time.Duration) Member {
	name := frameName(t)
	return Member{Name: name, ModTime: c.modTime, Title: c.title + " " + strings.TrimPrefix(name, framePrefix), At: int64(t)}
}

const framePrefix = "frame "

// frameName is a frame's name by its time, in the order of time: "frame 00:01:23.456".
func frameName(t time.Duration) string {
	ms := t.Milliseconds()
	return fmt.Sprintf(framePrefix+"%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// frameTime is the time in a frame's name.
func frameTime(name string) (time.Duration, bool) {
	var h, m, s, ms int64
	if _, err := fmt.Sscanf(name, framePrefix+"%d:%d:%d.%d", &h, &m, &s, &ms); err != nil || h < 0 || h > 1e6 {
		return 0, false
	}
	t := time.Duration(((h*60+m)*60+s)*1000+ms) * time.Millisecond
	return t, frameName(t) == name
}

// Find finds the frame of a time that is in the film.
func (c *film) Find(name string) (Member, bool) {
	t, ok := frameTime(name)
	if !ok || t > 0 && t >= c.duration {
		return Member{}, false
	}
	return c.at(t), true
}

// shown is the filter that makes a frame what a player shows: the first one from a time on, to a millisecond, or the last one
// where none follows; with pixels that are squares.
func shown(after time.Duration) string {
	return fmt.Sprintf("tpad=stop=-1:stop_mode=clone,select=gte(t\\,%.4f),scale=iw*sar:ih,setsar=1", after.Seconds()-0.0005)
}

// Read returns a frame as PNG.
func (c *film) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	l := c.limits
	l.Output = limit
	t := time.Duration(m.At)
	// A whole second, because times are rounded to those that the format can tell.
	from := max(0, t-c.before).Truncate(time.Second)
	data, err := ffmpeg.Run(ctx, c.f, l, func(file string) []string {
		// Reading begins at the key frame before, not at the time: the filter needs frames before it where none follows.
		return append(safely("-nostdin", "-threads", "2", "-noaccurate_seek", "-ss", strconv.FormatFloat(from.Seconds(), 'f', 0, 64), "-i", "file:"+file),
			"-map", "0:V:0", "-vf", shown(t-from), "-frames:v", "1", "-pix_fmt", "rgb24", "-c:v", "png", "-f", "image2pipe", "pipe:1")
	})
	if errors.Is(err, tool.ErrOutput) {
		return nil, fmt.Errorf("%w: its picture has more than %d bytes", ErrTooLong, limit)
	}
	if err != nil {
		return nil, missing("a film", err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: ffmpeg gives no frame there", ErrFile)
	}
	return data, nil
}

// Close closes the file.
func (c *film) Close() error { return c.f.Close() }

func titleOf(f *os.File) string {
	name := filepath.Base(f.Name())
	return strings.TrimSuffix(name, filepath.Ext(name))
}
