package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// serveEmpty serves the collection new.akin, which is made by its first index. pictures is a folder with flags.
func serveEmpty(t *testing.T) (address string, c *client.Client, pictures string) {
	t.Helper()
	_, o := shared(t)
	dir := t.TempDir()
	pictures = filepath.Join(dir, "pictures")
	if err := copyFlags(depsOf(t), pictures); err != nil {
		t.Fatal(err)
	}
	o.Collection = filepath.Join(dir, "new.akin")
	address, _ = serve(t, o)
	return address, to(t, address, client.Options{}), pictures
}

// A job takes frames of films where FFmpeg is installed, and leaves films out where it is not.
func TestAJobIndexesWhatLiesInsideFiles(t *testing.T) {
	t.Parallel()
	_, c, pictures := serveEmpty(t)
	film := filepath.Join(pictures, "trip.mp4")
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err == nil {
		if out, err := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=4", "-c:v", "mpeg4", film).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	} else if err := os.WriteFile(film, []byte("\x00\x00\x00\x18ftypisom"), 0o666); err != nil {
		t.Fatal(err)
	}
	var report api.IndexReport
	err = c.Run(t.Context(), "new.akin", "index", map[string]any{"paths": []string{pictures}, "frames": 3}, &report, nil)
	switch {
	case ffmpeg == "" && (err != nil || report.Added != len(flags)):
		t.Errorf("without FFmpeg: %+v, %v", report, err)
	case ffmpeg != "" && (err != nil || report.Added != len(flags)+3):
		t.Errorf("%+v, %v", report, err)
	}
	if err := c.Run(t.Context(), "new.akin", "index", map[string]any{"paths": []string{pictures}, "frames": -1}, &report, nil); err == nil || !strings.Contains(err.Error(), "frames") {
		t.Errorf("-1 frames: %v", err)
	}
}
