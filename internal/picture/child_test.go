//go:build cgo && (linux || darwin)

package picture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func svgFile(body string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="600" height="600">` + body + `</svg>`)
}

// blackPNG is a small file of a large black picture.
func blackPNG(t testing.TB, side int) []byte {
	var packed bytes.Buffer
	z, _ := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	row := make([]byte, 1+side/8)
	for range side {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
		named := append([]byte(kind), body...)
		out = append(out, named...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(named))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(side)), uint32(side))
	chunk("IHDR", append(head, 1, 0, 0, 0, 0))
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out
}

func gzipped(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a drawing of width^depth rectangles.
func bomb(width, depth int) string {
	var b strings.Builder
	b.WriteString(`<defs><rect id="a0" width="9" height="9"/>`)
	for i := range depth {
		fmt.Fprintf(&b, `<g id="a%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use xlink:href="#a%d"/>`, i), width))
	}
	fmt.Fprintf(&b, `</defs><use xlink:href="#a%d"/>`, depth)
	return b.String()
}

type hostileFile struct {
	data  []byte
	never bool // no version draws it
}

// hostile are files that took down, or took over, the process that gave them to librsvg 2.54.7 or libheif 1.15.1.
func hostile(t testing.TB) map[string]hostileFile {
	filter := func(primitive string) []byte {
		return svgFile(`<filter id="f" x="0" y="0" width="1" height="1">` + primitive + `</filter><rect width="600" height="600" filter="url(#f)"/>`)
	}
	return map[string]hostileFile{
		"slow convolution":             {filter(`<feConvolveMatrix order="200" kernelMatrix="` + strings.Repeat("1 ", 200*200) + `"/>`), false},
		"turbulence of many octaves":   {filter(`<feTurbulence baseFrequency="0.1" numOctaves="100000000"/>`), false},
		"uses in uses":                 {svgFile(bomb(1, 20000)), false},
		"masks in masks":               {svgFile(deepMasks(20000)), false},
		"groups in groups":             {svgFile(strings.Repeat("<g>", 200000) + strings.Repeat("</g>", 200000)), true},
		"a bomb of uses":               {svgFile(bomb(10, 12)), false},
		"a picture of 30000 x 30000":   {svgFile(`<image width="600" height="600" xlink:href="data:image/png;base64,` + base64.StdEncoding.EncodeToString(blackPNG(t, 30000)) + `"/>`), false},
		"60 MB of elements in 60 KB":   {gzipped(t, svgFile(strings.Repeat(`<g/>`, 15<<20))), false},
		"a colour matrix of 33 values": {filter(`<feColorMatrix type="matrix" values="` + strings.Repeat("1 ", 33) + `"/>`), false},
	}
}

func deepMasks(depth int) string {
	var b strings.Builder
	b.WriteString(`<defs>`)
	for i := range depth {
		fmt.Fprintf(&b, `<mask id="m%d"><rect width="600" height="600" fill="#fff" mask="url(#m%d)"/></mask>`, i, i+1)
	}
	b.WriteString(`</defs><rect width="600" height="600" mask="url(#m0)"/>`)
	return b.String()
}

// withoutSVG skips a test where there is no librsvg.
func withoutSVG(t testing.TB) {
	t.Helper()
	if _, _, err := Decode(t.Context(), []byte(drawing), Limits{}); errors.Is(err, ErrNoDecoder) {
		t.Skip(err)
	}
}

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"><rect width="900" height="600" fill="#fff"/><circle cx="450" cy="300" r="80" fill="#fc0"/></svg>`

func TestHostileDrawingsHarmNothing(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	const limit = 1500 * time.Millisecond
	for name, c := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, _, err := Decode(t.Context(), c.data, Limits{Time: limit})
			took := time.Since(start)
			t.Logf("%d bytes, %.1f s: %v", len(c.data), took.Seconds(), err)
			// A newer librsvg may draw what an older one dies of.
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) || err == nil && c.never {
				t.Errorf("error %v", err)
			}
			if took > limit+5*time.Second { // unpacking, and a machine that is busy
				t.Errorf("it took %v", took)
			}
			if p, _, err := Decode(t.Context(), []byte(drawing), Limits{}); err != nil || p.Width != 900 {
				t.Errorf("the next drawing: %v", err)
			}
		})
	}
}

// Not parallel: it looks at the child that its own file is given to.
func TestADrawingTakesNoMoreMemoryThanItMay(t *testing.T) {
	withoutSVG(t)
	for _, name := range []string{"60 MB of elements in 60 KB", "a picture of 30000 x 30000"} {
		c, err := svgChildren.lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.release(true) // the last one that was free is the next
		p, _, err := Decode(t.Context(), hostile(t)[name].data, Limits{Time: time.Minute})
		if err != nil && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "768 MB of memory")) {
			t.Errorf("%s: error %v", name, err)
		}
		if p != nil && p.Width != 600 {
			t.Errorf("%s: %d pixels wide", name, p.Width)
		}
		c.kill()
		<-c.ended
		if peak := c.state.SysUsage().(*syscall.Rusage).Maxrss; runtime.GOOS == "linux" && peak > 900<<10 {
			t.Errorf("%s: the child took %d MB", name, peak>>10)
		}
	}
}

func TestACancelledDrawingFreesItsSlotAtOnce(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	endless := hostile(t)["turbulence of many octaves"].data
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2*cap(svgChildren.slots))
	for range cap(ended) { // more than there are slots: some wait
		go func() {
			_, _, err := Decode(ctx, endless, Limits{})
			ended <- err
		}()
	}
	time.Sleep(300 * time.Millisecond)
	cancel()
	start := time.Now()
	for range cap(ended) {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Others' endless drawings take time, but not this picture's.
func TestWaitingIsNotDecoding(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	k := svgChildren
	var held []*child
	for range cap(k.slots) {
		c, err := k.lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	const limit = time.Second
	time.AfterFunc(limit*3/2, func() {
		for _, c := range held {
			c.release(true)
		}
	})
	start := time.Now()
	_, _, err := Decode(t.Context(), []byte(drawing), Limits{Time: limit})
	if took := time.Since(start); took < limit || err != nil {
		t.Errorf("after %v: %v", took, err)
	}
}

func TestAnIdleChildIsUsedAgain(t *testing.T) {
	t.Parallel()
	k := &childKind{name: "svg", library: "librsvg", candidates: svgChildren.candidates, slots: make(chan struct{}, 1)}
	var last *child
	for range 5 {
		c, err := k.lease(t.Context())
		if err != nil {
			t.Skip(err)
		}
		if last != nil && c != last {
			t.Error("another child")
		}
		last = c
		c.release(true)
	}
	last.served = childPictures
	c, err := k.lease(t.Context())
	if err != nil || c != last {
		t.Fatal(c, err)
	}
	c.release(true)
	<-c.ended // it had served its time
	if c, err = k.lease(t.Context()); err != nil || c == last {
		t.Error(c, err)
	}
	c.kill()
	<-c.ended
	c.release(true) // a dead one is not kept
	if c, err = k.lease(t.Context()); err != nil || c.gone() {
		t.Error(c, err)
	}
	c.release(false)
}

// What akin doctor says of the sandbox was tried by the child itself: files, sockets, programs.
func TestAChildIsHeld(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("seccomp and Landlock are Linux's")
	}
	for _, k := range []*childKind{heifChildren, svgChildren} {
		c, err := k.lease(t.Context())
		if err != nil {
			t.Skip(err)
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.process.Pid))
		said := confinement(uint32(c.hello.sandbox))
		c.release(true)
		if err != nil {
			t.Fatal(err)
		}
		for field, want := range map[string]string{"NoNewPrivs": "1", "Seccomp": "2"} {
			if !strings.Contains(string(status), field+":\t"+want) {
				t.Errorf("%s: %s is not %s in\n%s", k.name, field, want, status)
			}
		}
		if !strings.Contains(said, "limited memory, seccomp") {
			t.Errorf("%s: %s", k.name, said)
		}
	}
}

// The environment of a program may hold its secrets.
func TestAChildKnowsNoSecrets(t *testing.T) {
	t.Setenv("AKIN_TOKEN", "secret")
	t.Setenv("LD_LIBRARY_PATH", os.Getenv("LD_LIBRARY_PATH"))
	all := strings.Join(childEnvironment(), " ")
	if strings.Contains(all, "secret") || !strings.Contains(all, "LD_LIBRARY_PATH=") {
		t.Error(all)
	}
}

// A process that is killed cannot end its children; they end by themselves.
func TestChildrenEndWithTheirParent(t *testing.T) {
	t.Parallel()
	withoutSVG(t)
	if os.Getenv("AKIN_TEST_ENDLESS") != "" {
		c, err := svgChildren.lease(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.release(true)
		endless := hostile(t)["turbulence of many octaves"].data
		fmt.Println("child", c.process.Pid)
		_, _, _ = Decode(t.Context(), endless, Limits{})
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run", "^TestChildrenEndWithTheirParent$")
	cmd.Env = append(os.Environ(), "AKIN_TEST_ENDLESS=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	for lines := bufio.NewScanner(out); pid == 0 && lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "child %d", &pid)
	}
	time.Sleep(300 * time.Millisecond)
	if err := syscall.Kill(pid, 0); pid == 0 || err != nil {
		t.Fatalf("no child %d: %v", pid, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") { // gone, or waiting for whoever is process 1
			break
		}
		if runtime.GOOS != "linux" || time.Since(start) > 5*time.Second {
			t.Fatalf("child %d lives: %s", pid, stat)
		}
	}
}
