//go:build cgo && (linux || darwin)

package picture

// #include "child.h"
import "C"

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// A child is a process that decodes one kind of picture, one after another, for this one: what a
// hostile file does to libheif or librsvg, it does there. A child is this same program: it is started with
// AKIN_DECODER_CHILD in its environment, which a constructor in child.c finds before Go's runtime and the
// program's own init would start. So it costs some milliseconds, and works in whatever program uses this package.
type child struct {
	kind    *childKind
	process *os.Process
	memory  uint64 // of the last question
	asks    *os.File
	answers *os.File
	hello   C.struct_akin_answer
	served  int
	idle    *time.Timer

	complaints tail          // what the libraries wrote to stderr
	ended      chan struct{} // closed once the process is gone
	state      *os.ProcessState
}

const (
	// A child makes room for a new one after so many pictures: libraries leak.
	childPictures = 1000
	// A child that nobody needs ends after this time.
	childIdle = 20 * time.Second
	// A child that has not found its libraries by then never will.
	childStart = 20 * time.Second
)

// childKind is a pool of children for one library.
type childKind struct {
	name, library string
	candidates    []string
	slots         chan struct{} // one a child that may exist

	mu   sync.Mutex
	free []*child
	lost error // the library is not there: no child is tried again
}

var (
	heifChildren = &childKind{name: "heif", library: "libheif",
		candidates: candidates([]string{"libheif.so.1"}, "libheif.1.dylib"), slots: make(chan struct{}, runtime.NumCPU())}
	svgChildren = &childKind{name: "svg", library: "librsvg",
		candidates: candidates([]string{"librsvg-2.so.2"}, "librsvg-2.2.dylib"), slots: make(chan struct{}, runtime.NumCPU())}
	// Each version of libjxl so far has a name of its own.
	jxlChildren = &childKind{name: "jxl", library: "libjxl",
		candidates: candidates([]string{"libjxl.so.0.11", "libjxl.so.0.10", "libjxl.so.0.9", "libjxl.so.0.8", "libjxl.so.0.7", "libjxl.so.0.12", "libjxl.so.1", "libjxl.so"}, "libjxl.dylib"),
		slots:      make(chan struct{}, runtime.NumCPU())}
	jp2Children = &childKind{name: "jp2", library: "OpenJPEG",
		candidates: candidates([]string{"libopenjp2.so.7"}, "libopenjp2.7.dylib"), slots: make(chan struct{}, runtime.NumCPU())}
	rawChildren = &childKind{name: "raw", library: "LibRaw",
		candidates: candidates([]string{"libraw.so.23", "libraw.so.20", "libraw.so.24", "libraw.so.25", "libraw.so"}, "libraw.dylib"),
		slots:      make(chan struct{}, runtime.NumCPU())}
)

// lease returns a child that is the caller's until release.
func (k *childKind) lease(ctx context.Context) (*child, error) {
	select {
	case k.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	k.mu.Lock()
	lost := k.lost
	for len(k.free) > 0 {
		c := k.free[len(k.free)-1]
		k.free = k.free[:len(k.free)-1]
		if c.idle.Stop() && !c.gone() {
			k.mu.Unlock()
			return c, nil
		}
	}
	k.mu.Unlock()
	if lost == nil {
		var c *child
		if c, lost = k.start(); lost == nil {
			return c, nil
		}
	}
	<-k.slots
	return nil, lost
}

// release ends the lease; a child that did not answer to the end is of no more use.
func (c *child) release(healthy bool) {
	k := c.kind
	if c.served++; !healthy || c.gone() {
		c.kill()
	} else if c.served >= childPictures {
		c.close()
	} else {
		k.mu.Lock()
		c.idle = time.AfterFunc(childIdle, func() {
			k.mu.Lock()
			i := slices.Index(k.free, c)
			if i >= 0 {
				k.free = slices.Delete(k.free, i, i+1)
			}
			k.mu.Unlock()
			if i >= 0 {
				c.close()
			}
		})
		k.free = append(k.free, c)
		k.mu.Unlock()
	}
	<-k.slots
}

func (c *child) gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// kill ends the process now.
func (c *child) kill() {
	_ = c.process.Kill()
	c.close()
}

// close lets the process end by itself, which it does where nobody asks any more.
func (c *child) close() {
	_ = c.asks.Close()
	_ = c.answers.Close()
}

// errNoChild is why a process cannot have children of its own.
var errNoChild = errors.New("this program is not linked with the decoder, and the program akin, which could run it, is not in PATH")

// childProgram is the program that children run. On Linux it is the running one even where its
// file was replaced since.
var childProgram = sync.OnceValues(func() (string, error) {
	if C.akin_child_is_main() == 0 {
		path, err := exec.LookPath("akin")
		if err != nil {
			return "", errNoChild
		}
		return path, nil
	}
	if runtime.GOOS == "linux" {
		if _, err := os.Stat("/proc/self/exe"); err == nil {
			return "/proc/self/exe", nil
		}
	}
	return os.Executable()
})

// childEnvironment is what the libraries may need to know; what else a program keeps in its
// environment (tokens) is none of a decoder's business.
func childEnvironment() []string {
	var kept []string
	for _, v := range os.Environ() {
		for _, prefix := range []string{"LD_", "DYLD_", "LIBHEIF_", "FONTCONFIG_", "XDG_", "GDK_PIXBUF_", "HOME=", "LANG=", "LC_", "PATH="} {
			if strings.HasPrefix(v, prefix) {
				kept = append(kept, v)
				break
			}
		}
	}
	return append(kept, "GIO_USE_VFS=local", "GIO_MODULE_DIR=/nonexistent")
}

// starters runs on one thread of the system that never ends: Linux ends a child when the
// thread that started it does.
var starters = sync.OnceValue(func() chan<- func() {
	queue := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range queue {
			start()
		}
	}()
	return queue
})

// startError says that there is no process, which says nothing of the library.
type startError struct{ error }

func (e *startError) Unwrap() error { return e.error }

// start returns a child that has loaded its library.
func (k *childKind) start() (*child, error) {
	program, err := childProgram()
	if err != nil {
		return nil, &startError{err}
	}
	var pipes [3][2]*os.File // questions, answers, complaints
	kept := false
	defer func() {
		for _, p := range pipes {
			for _, f := range p {
				if f != nil && !kept {
					_ = f.Close()
				}
			}
		}
	}()
	for i := range pipes {
		if pipes[i][0], pipes[i][1], err = os.Pipe(); err != nil {
			return nil, &startError{err}
		}
	}
	none, err := os.Open(os.DevNull)
	if err != nil {
		return nil, &startError{err}
	}
	defer func() { _ = none.Close() }()
	c := &child{kind: k, asks: pipes[0][1], answers: pipes[1][0], ended: make(chan struct{})}
	attributes := &os.ProcAttr{
		Env:   append(childEnvironment(), C.AKIN_CHILD+"="+k.name+";"+strings.Join(k.candidates, ";")),
		Files: []*os.File{none, pipes[2][1], pipes[2][1], pipes[0][0], pipes[1][1]},
		// A terminal's Ctrl-C goes to a whole group: this process decides when its children end.
		Sys: &syscall.SysProcAttr{Setpgid: true},
	}
	started := make(chan struct{})
	starters() <- func() {
		c.process, err = os.StartProcess(program, []string{"akin-decoder-" + k.name}, attributes)
		close(started)
	}
	if <-started; err != nil {
		return nil, &startError{err}
	}
	widen(c.asks)
	widen(c.answers)
	complaints := pipes[2][0]
	pipes[2][0] = nil
	go func() {
		_, _ = io.Copy(&c.complaints, complaints)
		_ = complaints.Close()
		c.state, _ = c.process.Wait()
		close(c.ended)
	}()

	late := time.AfterFunc(childStart, func() { _ = c.process.Kill() })
	for i, theirs := range []int{0, 1, 1} {
		_ = pipes[i][theirs].Close()
		pipes[i][theirs] = nil
	}
	_, readErr := io.ReadFull(c.answers, asBytes(&c.hello))
	late.Stop()
	switch {
	case readErr != nil || c.hello.magic != C.AKIN_MAGIC:
		_ = c.process.Kill()
		<-c.ended
		err = &startError{fmt.Errorf("%s ended before it answered: %v", program, c.state)}
	case c.hello.failure != C.AKIN_FINE:
		err = &LibraryError{k.library, errors.New(C.GoString(&c.hello.text[0]))}
		k.mu.Lock()
		k.lost = err
		k.mu.Unlock()
	}
	if err != nil {
		return nil, err
	}
	kept = true
	return c, nil
}

// ask sends a question, with a file where it is to be read, and returns the answer; what follows the answer is
// read by the caller. Whatever goes wrong makes the child one to release as unhealthy.
func (c *child) ask(src *source, ask C.struct_akin_ask, file []byte) (answer C.struct_akin_answer, err error) {
	ask.magic = C.AKIN_MAGIC
	ask.size = C.uint64_t(len(file))
	ask.seconds = C.uint32_t(min(src.lim.Time.Seconds(), 1e6) * float64(runtime.NumCPU()))
	if _, err = c.asks.Write(asBytes(&ask)); err == nil && len(file) > 0 {
		_, err = c.asks.Write(file)
	}
	if err == nil {
		_, err = io.ReadFull(c.answers, asBytes(&answer))
	}
	if err != nil {
		return answer, c.why(src)
	}
	text := C.GoStringN(&answer.text[0], C.int(bytes.IndexByte(append(asBytes(&answer.text), 0), 0)))
	switch answer.failure {
	case C.AKIN_FINE:
		if answer.magic != C.AKIN_MAGIC {
			return answer, src.corrupt("%s gave an answer that akin does not know", c.kind.library)
		}
		return answer, nil
	case C.AKIN_MEMORY:
		return answer, c.tooMuch(src, uint64(ask.memory))
	case C.AKIN_LACKS:
		return answer, &lacking{text}
	}
	if text == C.AKIN_TRUNCATED {
		return answer, src.truncated()
	}
	return answer, src.corrupt("%s", cleanText(text))
}

// lacking is a library that says that it cannot do something.
type lacking struct{ text string }

func (l *lacking) Error() string { return cleanText(l.text) }

// cleanText keeps what a library says of a file from steering a terminal.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

func (c *child) tooMuch(src *source, memory uint64) error {
	return failf(ErrTooLarge, "%s: %s needs more than the limit of %d MB of memory", src.title(), c.kind.library, memory>>20)
}

// why reports why a child stopped answering, and ends it.
func (c *child) why(src *source) error {
	if err := src.stopped(); err != nil {
		c.kill()
		return err
	}
	// It closes its pipes by ending. One that has only closed them is ended.
	select {
	case <-c.ended:
	case <-time.After(time.Second):
		c.kill()
		<-c.ended
	}
	if err := src.stopped(); err != nil {
		return err
	}
	status, _ := c.state.Sys().(syscall.WaitStatus)
	said := c.complaints.String()
	switch {
	case strings.Contains(said, "memory allocation of"), strings.Contains(said, "failed to allocate"), strings.Contains(said, "bad_alloc"):
		return c.tooMuch(src, c.memory)
	case status.Signaled() && status.Signal() == syscall.SIGXCPU:
		return failf(ErrTooLarge, "%s: %s takes longer than the limit of %v", src.title(), c.kind.library, src.lim.Time)
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
		return src.corrupt("%s was killed while it read the file, as the system does when memory runs out", c.kind.library)
	case status.Signaled():
		return src.corrupt("%s crashed on it (%v)", c.kind.library, status.Signal())
	}
	return src.corrupt("%s ended while it read the file (status %d)", c.kind.library, status.ExitStatus())
}

// tail keeps the last bytes that were written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p[max(0, len(p)-most):]...)
	t.last = append(t.last[:0], t.last[max(0, len(t.last)-most):]...)
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}

func asBytes[T any](v *T) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v)) }

// conversation is a child that holds one file. The zero value holds none.
type conversation struct {
	c       *child
	src     *source
	healthy bool
	unwatch func() bool
}

// open leases a child for a file. It is killed in the moment in which src is stopped.
func (v *conversation) open(k *childKind, src *source) error {
	// To wait for others, who may have got endless drawings, takes none of this picture's time.
	waits := src.clock != nil && src.clock.Stop()
	left := time.Until(src.end)
	c, err := k.lease(src.ctx)
	if waits {
		src.end = time.Now().Add(left)
		src.clock.Reset(left)
	}
	var failed *startError
	switch stopped := src.stopped(); {
	case err == nil:
	case stopped != nil:
		return stopped
	case errors.As(err, &failed):
		return failf(ErrNoDecoder, "%s: the process that decodes it did not start: %v", src.title(), failed.error)
	default:
		return &NoDecoderError{src.title(), k.library, err}
	}
	*v = conversation{c: c, src: src, healthy: true, unwatch: context.AfterFunc(src.ctx, func() { _ = c.process.Kill() })}
	return nil
}

func (v *conversation) close() {
	if v.c != nil {
		if !v.unwatch() { // it was killed, or is just being
			v.healthy = false
		}
		v.c.release(v.healthy)
	}
	*v = conversation{}
}

// A picture may take so much memory beside what its pixels need.
const heifMemory = 256 << 20

// A drawing may take so much in all.
const svgMemory = 768 << 20

func (v *conversation) ask(ask C.struct_akin_ask, memory int64, file []byte) (C.struct_akin_answer, error) {
	ask.memory = C.uint64_t(memory)
	v.c.memory = uint64(memory)
	answer, err := v.c.ask(v.src, ask, file)
	if err != nil && answer.magic != C.AKIN_MAGIC {
		v.healthy = false
	}
	return answer, err
}

// read fills b with what follows an answer.
func (v *conversation) read(b []byte) error {
	if _, err := io.ReadFull(v.c.answers, b); err != nil {
		v.healthy = false
		return v.c.why(v.src)
	}
	return nil
}

// The libraries

// heifPicture is a HEIF file in libheif's hands; close lets go of it.
type heifPicture struct {
	conversation
	boxes         *heifFile
	width, height int // upright
	exif          exif
}

// memory is what decoding may take. Measured were up to 18 bytes a pixel, and 25 above 8 bits: samples in the hands
// of the decoder and of libheif, and green, blue and red. Of tiles it is the whole and one of them.
func (h *heifPicture) memory(data []byte) int64 {
	pixels, each := int64(h.width)*int64(h.height), int64(36)
	if h.boxes != nil {
		if h.boxes.tiled {
			pixels += h.boxes.largest
		}
		pixels = max(pixels, h.boxes.largest)
		if h.boxes.bits == 8 {
			each = 24
		}
	}
	return heifMemory + each*pixels + 4*int64(len(data)) + int64(runtime.NumCPU())*(16<<20)
}

func (h *heifPicture) read(src *source, data []byte) error {
	if err := h.open(heifChildren, src); err != nil {
		return err
	}
	answer, err := h.ask(C.struct_akin_ask{op: C.AKIN_READ}, heifMemory+4*int64(len(data)), data)
	if err != nil {
		return heifError(src, err)
	}
	h.width, h.height = int(answer.width), int(answer.height)
	h.exif, err = h.readEXIF(src, answer)
	return err
}

// readEXIF reads the EXIF block that follows an answer, in the form that HEIF and JPEG XL share: 4 bytes say how many more
// are before the directories.
func (v *conversation) readEXIF(src *source, answer C.struct_akin_answer) (e exif, err error) {
	if answer.exif > exifLimit {
		v.healthy = false
		return exif{}, src.corrupt("%d bytes of EXIF", answer.exif)
	}
	block := make([]byte, answer.exif)
	if err := v.read(block); err != nil || len(block) <= 4 {
		return exif{}, err
	}
	skip := uint64(binary.BigEndian.Uint32(block))
	return readEXIF(block[min(4+skip, uint64(len(block))):]), nil
}

// exifLimit is the size of the largest block that is read; they hold thumbnails.
const exifLimit = 16 << 20

// planes decodes to one plane of grey (chroma 0), or three of Y, Cb and Cr, which chroma tells the size of; and alpha, where
// there is one.
func (h *heifPicture) planes(src *source, chroma int) (planes []plane, alpha *plane, err error) {
	// libheif's heif_colorspace_RGB with heif_chroma_444, or heif_colorspace_monochrome.
	ask := C.struct_akin_ask{op: C.AKIN_DRAW, space: 1, chroma: 3, across: 1, down: 1}
	wanted := []int{4, 5, 3} // green is Y, blue Cb and red Cr: see plainColour
	switch chroma {
	case 0:
		ask.space, ask.chroma = 2, 0
		wanted = []int{0}
	case 1:
		ask.across, ask.down = 2, 2
	case 2:
		ask.across = 2
	}
	answer, err := h.ask(ask, h.memory(src.data), nil)
	if err != nil {
		return nil, nil, heifError(src, err)
	}
	odd := func(format string, args ...any) ([]plane, *plane, error) {
		h.healthy = false
		return nil, nil, src.corrupt(format, args...)
	}
	if answer.planes < 0 || int(answer.planes) > len(answer.plane) {
		return odd("%d planes", answer.planes)
	}
	of := map[int]plane{}
	for _, a := range answer.plane[:answer.planes] {
		p := plane{channel: int(a.channel), width: int(a.width), height: int(a.height), bits: int(a.bits)}
		if err := src.lim.check(src.format, p.width, p.height); err != nil || p.bits < 8 || p.bits > 16 {
			return odd("a plane of %d x %d with %d bits", p.width, p.height, p.bits)
		}
		if p.bits == 8 {
			p.narrow = make([]byte, p.width*p.height)
			err = h.conversation.read(p.narrow)
		} else {
			p.wide = make([]uint16, p.width*p.height)
			err = h.conversation.read(unsafe.Slice((*byte)(unsafe.Pointer(&p.wide[0])), 2*len(p.wide)))
			for i := range p.wide { // whatever the bytes are: no sample is above white
				p.wide[i] &= 1<<p.bits - 1
			}
		}
		if err != nil {
			return nil, nil, err
		}
		of[p.channel] = p
	}
	for _, channel := range wanted {
		p, ok := of[channel]
		if !ok {
			return nil, nil, src.corrupt("libheif gives no plane %d of it", channel)
		}
		planes = append(planes, p)
	}
	if p, ok := of[6]; ok {
		alpha = &p
	}
	return planes, alpha, nil
}

func heifError(src *source, err error) error {
	var lacks *lacking
	if errors.As(err, &lacks) {
		return failf(ErrNoDecoder, "%s: libheif cannot decode it (%v): install its decoder plugins (libheif-plugin-libde265, libheif-plugin-dav1d)",
			src.title(), lacks)
	}
	return err
}

// svgDrawing is an SVG file in librsvg's hands; close lets go of it.
type svgDrawing struct{ conversation }

func (d *svgDrawing) read(src *source, data []byte) (width, height float64, err error) {
	if err := d.open(svgChildren, src); err != nil {
		return 0, 0, err
	}
	answer, err := d.ask(C.struct_akin_ask{op: C.AKIN_READ}, svgMemory, data)
	return float64(answer.natural_width), float64(answer.natural_height), err
}

// draw draws what was read over white, and reports in Alpha what it left see-through.
func (d *svgDrawing) draw(_ *source, width, height int) (*Picture, error) {
	p, err := d.conversation.draw(width, height, svgMemory)
	if err == nil && p.Alpha != nil {
		p.OnWhite = true
	}
	return p, err
}

// draw returns what was read as colours and, where it has any, alpha.
func (v *conversation) draw(width, height int, memory int64) (*Picture, error) {
	answer, err := v.ask(C.struct_akin_ask{op: C.AKIN_DRAW, width: C.int32_t(width), height: C.int32_t(height)}, memory, nil)
	if err != nil {
		return nil, err
	}
	p := New(width, height)
	if err = v.read(p.Pix); err == nil && answer.planes > 1 {
		p.Alpha = make([]byte, width*height)
		err = v.read(p.Alpha)
	}
	if err != nil {
		p.Release()
		return nil, err
	}
	return p, nil
}

// codedPicture is a JPEG XL, JPEG 2000 or raw file in its library's hands; close lets go of it.
type codedPicture struct {
	conversation
	width, height int  // upright
	components    int  // JPEG 2000
	exif          exif // JPEG XL
}

// These libraries hold whole pictures in numbers of 32 bits. Beside what pixels need, see codedPicture.draw, they may take this.
const codedMemory = 256 << 20

func (c *codedPicture) open(src *source) error {
	kind := map[string]*childKind{"jxl": jxlChildren, "jp2": jp2Children}[src.format]
	if kind == nil {
		kind = rawChildren // TIFF, too, whose samples are a camera's
	}
	if err := c.conversation.open(kind, src); err != nil {
		return err
	}
	answer, err := c.ask(C.struct_akin_ask{op: C.AKIN_READ}, codedMemory+4*int64(len(src.data)), src.data)
	if err != nil {
		return codedError(src, err)
	}
	c.width, c.height, c.components = int(answer.width), int(answer.height), int(answer.planes)
	c.exif, err = c.readEXIF(src, answer)
	return err
}

func (c *codedPicture) draw(src *source) (*Picture, error) {
	each := int64(64) // JPEG XL: measured were up to 31
	if src.format == "jp2" {
		each = 16 + 6*int64(max(4, c.components)) // measured were up to 19, of four components
	}
	p, err := c.conversation.draw(c.width, c.height, codedMemory+each*int64(c.width)*int64(c.height)+4*int64(len(src.data)))
	return p, codedError(src, err)
}

func codedError(src *source, err error) error {
	if lacks, ok := errors.AsType[*lacking](err); ok {
		return src.unsupported("%s", lacks)
	}
	return err
}

// childDecoders reports what children find, and what holds them.
func childDecoders() []Decoder {
	about := func(k *childKind) (d Decoder, hello C.struct_akin_answer) {
		d.Name = k.library
		c, err := k.lease(context.Background())
		if err != nil {
			d.Err = err
			return d, hello
		}
		defer c.release(true)
		d.Library = C.GoString(&c.hello.text[0])
		d.Sandbox = confinement(uint32(c.hello.sandbox))
		return d, c.hello
	}
	heic, hello := about(heifChildren)
	avif := heic
	heic.Formats, avif.Formats = "HEIC", "AVIF"
	if heic.Err == nil {
		version := C.GoString(&hello.version[0])
		heic.Library += ", version " + version
		avif.Library = heic.Library
		if hello.decodes&1 == 0 {
			heic.Err = errors.New("libheif " + version + " has no HEVC decoder: install libheif-plugin-libde265")
		}
		if hello.decodes&2 == 0 {
			avif.Err = errors.New("libheif " + version + " has no AV1 decoder: install libheif-plugin-dav1d or libheif-plugin-aomdec")
		}
	}
	all := []Decoder{heic, avif}
	for _, k := range []struct {
		kind    *childKind
		formats string
	}{{svgChildren, "SVG"}, {jxlChildren, "JPEG XL"}, {jp2Children, "JPEG 2000"}, {rawChildren, "RAW without a preview, CR3, ORF and RW2"}} {
		d, hello := about(k.kind)
		if d.Formats = k.formats; d.Err == nil && hello.version[0] != 0 {
			d.Library += ", version " + C.GoString(&hello.version[0])
		}
		all = append(all, d)
	}
	return all
}

// confinement says in words what a child cannot do.
func confinement(sandbox uint32) string {
	does := []string{"a process of its own"}
	for _, h := range []struct {
		bit  uint32
		does string
		not  string
	}{
		{C.AKIN_HAS_MEMORY, "limited memory", "no limit of memory"},
		{C.AKIN_HAS_SECCOMP, "seccomp", "no seccomp here"},
		{C.AKIN_HAS_LANDLOCK, "Landlock", "no Landlock here"},
	} {
		if sandbox&h.bit != 0 {
			does = append(does, h.does)
		} else {
			does = append(does, h.not)
		}
	}
	return strings.Join(does, ", ")
}
