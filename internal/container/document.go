package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/tool"
)

// Poppler's programs.
var (
	pdfinfo  = tool.Program{Name: "pdfinfo", Library: "Poppler", Version: []string{"-v"}}
	pdftoppm = tool.Program{Name: "pdftoppm", Library: "Poppler", Version: []string{"-v"}}
)

var documentKind = Kind{Name: "PDF", Endings: []string{".pdf"}, Sampled: Pages, Open: openDocument}

const (
	// pageShort is the shorter side of a page's picture: twice the 518 pixels of the largest networks that are common.
	pageShort = 2 * 518
	pageLong  = 4096 // the longer side, of a page that is long and narrow
	mostPages = 1 << 20
)

var (
	infoLimits = tool.Limits{Time: 30 * time.Second, Output: 1 << 20, Memory: 2 << 30}
	pageLimits = tool.Limits{Time: time.Minute, Memory: 2 << 30}
)

// document is a PDF file, whose members are its pages. Sample lists the first ones, and Find finds any.
type document struct {
	f       *os.File
	pages   int
	modTime time.Time
	title   string
	limits  tool.Limits
}

func openDocument(ctx context.Context, f *os.File) (Container, error) {
	c, err := newDocument(ctx, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

func newDocument(ctx context.Context, f *os.File) (*document, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	version, err := pdftoppm.About()
	if err != nil {
		return nil, missing("a PDF file", err)
	}
	out, err := pdfinfo.Run(ctx, f, infoLimits, func(file string) []string { return []string{file} })
	if err != nil {
		return nil, documentError(err)
	}
	pages, err := strconv.Atoi(infoField(out, "Pages:"))
	if err != nil || pages < 1 {
		return nil, fmt.Errorf("%w: it has no pages", ErrFile)
	}
	if pages > mostPages {
		return nil, fmt.Errorf("%w: it says that it has %d pages", ErrFile, pages)
	}
	return &document{f: f, pages: pages, modTime: sampledTime(info, version), title: titleOf(f), limits: pageLimits}, nil
}

// documentError says of a file that needs a password that it does.
func documentError(err error) error {
	if failed, ok := errors.AsType[*tool.FailedError](err); ok && strings.Contains(failed.Says, "Incorrect password") {
		return fmt.Errorf("%w: it is encrypted, and opens with a password only", ErrFile)
	}
	return missing("a PDF file", err)
}

// infoField returns what pdfinfo writes behind a title. Titles that a document gives itself stand before those of pages.
func infoField(out []byte, title string) string {
	value := ""
	for line := range bytes.Lines(out) {
		if rest, ok := bytes.CutPrefix(line, []byte(title)); ok {
			value = string(bytes.TrimSpace(rest))
		}
	}
	return value
}

// Members lists none: Sample does.
func (c *document) Members() []Member { return nil }

// Flaws are none.
func (c *document) Flaws() []error { return nil }

// Sample returns the first n pages.
func (c *document) Sample(n int) []Member {
	n = min(n, c.pages)
	all := make([]Member, 0, max(n, 0))
	for i := range n {
		all = append(all, c.page(i+1))
	}
	return all
}

const pagePrefix = "page "

// page is a page by its number from 1. Names have as many digits as the last page's, so that they sort.
func (c *document) page(number int) Member {
	digits := len(strconv.Itoa(c.pages))
	return Member{
		Name: fmt.Sprintf(pagePrefix+"%0*d", digits, number), ModTime: c.modTime,
		Title: fmt.Sprintf("%s %s%d", c.title, pagePrefix, number), At: int64(number),
	}
}

// Find finds a page by its number, whether or not it begins with zeros.
func (c *document) Find(name string) (Member, bool) {
	text, ok := strings.CutPrefix(name, pagePrefix)
	number, err := strconv.ParseUint(text, 10, 31)
	if !ok || err != nil || number < 1 || number > uint64(c.pages) {
		return Member{}, false
	}
	return c.page(int(number)), true
}

// Read returns a page as PNG, of a size that depends on the shape of the page alone: a sheet of ten metres has no more
// pixels than a card.
func (c *document) Read(ctx context.Context, m Member, limit int64) ([]byte, error) {
	number := strconv.FormatInt(m.At, 10)
	out, err := pdfinfo.Run(ctx, c.f, infoLimits, func(file string) []string { return []string{"-f", number, "-l", number, file} })
	if err != nil {
		return nil, documentError(err)
	}
	side, err := longSide(out, m.At)
	if err != nil {
		return nil, err
	}
	l := c.limits
	l.Output = limit
	data, err := pdftoppm.Run(ctx, c.f, l, func(file string) []string {
		return []string{"-q", "-png", "-f", number, "-l", number, "-singlefile", "-scale-to", strconv.Itoa(side), file}
	})
	if errors.Is(err, tool.ErrOutput) {
		return nil, fmt.Errorf("%w: its picture has more than %d bytes", ErrTooLong, limit)
	}
	if err != nil {
		return nil, documentError(err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: pdftoppm gives no picture of the page", ErrFile)
	}
	return data, nil
}

// Close closes the file.
func (c *document) Close() error { return c.f.Close() }

// longSide returns the longer side of a page's picture, by the size that pdfinfo tells: "Page   12 size:  595.28 x 841.89 pts (A4)".
func longSide(out []byte, number int64) (int, error) {
	for line := range bytes.Lines(out) {
		var n int64
		var width, height float64
		if _, err := fmt.Sscanf(string(line), "Page %d size: %f x %f pts", &n, &width, &height); err != nil || n != number {
			continue
		}
		long, short := max(width, height), min(width, height)
		if !(short > 0) || math.IsInf(long, 0) {
			return 0, fmt.Errorf("%w: its page is of no size (%g x %g points)", ErrFile, width, height)
		}
		return int(min(pageLong, math.Ceil(pageShort*long/short))), nil
	}
	return 0, fmt.Errorf("%w: pdfinfo does not tell the size of its page", ErrFile)
}
