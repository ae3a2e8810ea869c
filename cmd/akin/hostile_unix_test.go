//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/picture"
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="600" height="600">`

// endless is a drawing that takes days.
const endless = svgHead + `<filter id="f"><feTurbulence baseFrequency="0.1" numOctaves="100000000"/></filter><rect width="600" height="600" filter="url(#f)"/></svg>`

// deep is a drawing that librsvg 2.54 dies of.
func deep() string {
	var b strings.Builder
	b.WriteString(svgHead + `<defs><rect id="a0" width="9" height="9"/>`)
	for i := range 20_000 {
		fmt.Fprintf(&b, `<g id="a%d"><use xlink:href="#a%d"/></g>`, i+1, i)
	}
	return b.String() + `</defs><use xlink:href="#a20000"/></svg>`
}

func withoutSVG(t *testing.T) {
	for _, d := range picture.Decoders() {
		if d.Formats == "SVG" && d.Err != nil {
			t.Skip(d.Err)
		}
	}
}

func TestSIGTERMEndsADrawingThatNeverEnds(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	s := &session{dir: t.TempDir()}
	file := filepath.Join(s.dir, "endless.svg")
	if err := os.WriteFile(file, []byte(endless), 0o666); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if !s.terminate(t, 2*time.Second, "inspect", file) {
		t.Error("it ended by itself")
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestADrawingThatCrashesItsDecoderIsOneUnreadableFile(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	deps := golden.Deps(t)
	s := &session{dir: t.TempDir(), env: []string{"AKIN_MODELS=" + filepath.Join(deps, "models")}}
	if libraries, _ := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime*.so*")); len(libraries) > 0 {
		s.env = append(s.env, "AKIN_ONNXRUNTIME="+libraries[0])
	}
	folder := filepath.Join(s.dir, "pictures")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	const drawings = 20
	for i := range drawings {
		text := svgHead + fmt.Sprintf(`<circle cx="300" cy="300" r="%d"/></svg>`, 20+10*i)
		if i%5 == 2 {
			text = deep() + strings.Repeat(" ", i)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d.svg", i)), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := s.command("index", folder).CombinedOutput()
	said := string(out)
	have := s.pictures(t, "index")
	switch {
	case err == nil && have == drawings: // a newer librsvg draws it
	case have != drawings-4 || !strings.Contains(said, "librsvg crashed on it"):
		t.Errorf("%d pictures, %v: %s", have, err, said)
	}
}
