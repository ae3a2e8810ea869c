package source

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/picture"
)

// FlagsPage is Wikipedia's gallery of the flags of sovereign states.
const FlagsPage = "https://en.wikipedia.org/wiki/Gallery_of_sovereign_state_flags"

const (
	flagWidth = 220
	pageLimit = 32 << 20
	flagLimit = 8 << 20
	flagPause = 500 * time.Millisecond // two requests a second, as Wikimedia asks of scripts
)

// FlagsOptions say what to fetch and where to put it.
type FlagsOptions struct {
	Out      string // folder: images/NAME.png and national_flags.csv
	Width    int    // pixels; 0 means 220
	Page     string // "" means FlagsPage
	Client   *Client
	Progress func(done, total int, name string)
}

// Flag is one entry of the page.
type Flag struct {
	Country string
	Address string // of the picture, at the chosen width
}

// FetchFlags collects the flags that a list page of Wikipedia shows, as pictures of
// the chosen width and a CSV list. Run again, it fetches only what is missing.
func FetchFlags(ctx context.Context, o FlagsOptions) (api.FlagsReport, error) {
	report := api.FlagsReport{Failed: []api.FlagFailure{}}
	if o.Width == 0 {
		o.Width = flagWidth
	}
	if o.Page == "" {
		o.Page = FlagsPage
	}
	if o.Client == nil {
		o.Client = &Client{Pause: flagPause}
	}
	page, _, err := o.Client.Get(ctx, o.Page, pageLimit)
	if err != nil {
		return report, err
	}
	flags, err := ParseFlags(page, o.Page, o.Width)
	if err != nil {
		return report, fmt.Errorf("read %s: %w", o.Page, err)
	}
	images := filepath.Join(o.Out, "images")
	if err := os.MkdirAll(images, 0o777); err != nil {
		return report, fmt.Errorf("fetch flags: %w", err)
	}
	var list [][]string
	for i, f := range flags {
		if o.Progress != nil {
			o.Progress(i, len(flags), f.Country)
		}
		fetched, err := fetchFlag(ctx, o.Client, f, images)
		switch {
		case ctx.Err() != nil:
			return report, ctx.Err()
		case err != nil:
			report.Failed = append(report.Failed, api.FlagFailure{Country: f.Country, Error: err.Error()})
			continue
		case fetched:
			report.Fetched++
		default:
			report.Kept++
		}
		list = append(list, []string{f.Country, f.Address})
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"Country", "Flag Image"})
	_ = w.WriteAll(list)
	return report, disk.Replace(filepath.Join(o.Out, "national_flags.csv"), b.Bytes(), 0o666)
}

// fetchFlag fetches one picture, unless it is there.
func fetchFlag(ctx context.Context, c *Client, f Flag, dir string) (fetched bool, err error) {
	base := filepath.Join(dir, fileName(f.Country))
	for _, format := range picture.Formats() {
		if info, err := os.Stat(base + format.Extensions[0]); err == nil && info.Size() > 0 {
			return false, nil // it was renamed to this name when it was whole
		}
	}
	data, _, err := c.Get(ctx, f.Address, flagLimit)
	if err != nil {
		return false, err
	}
	format, ok := picture.FormatOf(picture.Sniff(data))
	if !ok {
		return false, fmt.Errorf("fetch %s: the answer is not an image but begins %.40q", f.Address, data)
	}
	return true, disk.Replace(base+format.Extensions[0], data, 0o666)
}

// ParseFlags reads the flags out of a list page: of a gallery (li.gallerybox), or
// of tables whose rows have a picture and a link to the country. The first flag of
// a country counts.
func ParseFlags(page []byte, address string, width int) ([]Flag, error) {
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	var flags []Flag
	seen := map[string]bool{}
	add := func(country string, img *html.Node) {
		country = countryName(country)
		at := pictureAddress(base, img, width)
		if country != "" && at != "" && !seen[country] {
			seen[country] = true
			flags = append(flags, Flag{country, at})
		}
	}
	for n := range doc.Descendants() {
		switch {
		case n.DataAtom == atom.Li && hasClass(n, "gallerybox"):
			img := first(n, func(c *html.Node) bool { return c.DataAtom == atom.Img })
			caption := first(n, func(c *html.Node) bool { return hasClass(c, "gallerytext") })
			if img != nil && caption != nil {
				add(captionText(caption), img)
			}
		case n.DataAtom == atom.Tr && within(n, "wikitable"):
			img := first(n, func(c *html.Node) bool { return c.DataAtom == atom.Img && !isIcon(c) })
			if img == nil {
				continue
			}
			link := first(n, func(c *html.Node) bool {
				return c.DataAtom == atom.A && strings.TrimSpace(text(c)) != "" && !inside(c, atom.Sup)
			})
			if link != nil {
				add(text(link), img)
			}
		}
	}
	if len(flags) == 0 {
		return nil, errors.New("no flags are on the page: its structure has changed, or it is another page")
	}
	return flags, nil
}

// captionText is a caption's first line, the link's text where there is one.
func captionText(n *html.Node) string {
	if link := first(n, func(c *html.Node) bool {
		return c.DataAtom == atom.A && strings.TrimSpace(text(c)) != "" && !inside(c, atom.Sup)
	}); link != nil {
		return text(link)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text(n)), "\n")
	return line
}

// text is what a node says, without footnotes.
func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.DataAtom == atom.Sup || n.DataAtom == atom.Style || n.DataAtom == atom.Script || hasClass(n, "reference") {
		return ""
	}
	if n.DataAtom == atom.Br {
		return "\n"
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(text(c))
	}
	return b.String()
}

func first(n *html.Node, want func(*html.Node) bool) *html.Node {
	for c := range n.Descendants() {
		if want(c) {
			return c
		}
	}
	return nil
}

func inside(n *html.Node, tag atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == tag {
			return true
		}
	}
	return false
}

func within(n *html.Node, class string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if hasClass(p, class) {
			return true
		}
	}
	return false
}

func hasClass(n *html.Node, class string) bool {
	for _, c := range strings.Fields(attr(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// isIcon reports the small pictures that stand beside text.
func isIcon(img *html.Node) bool {
	w, err := strconv.Atoi(attr(img, "width"))
	return err == nil && w < 20
}

var (
	footnote = regexp.MustCompile(`\[[^\[\]]{1,12}\]`)
	flagOf   = regexp.MustCompile(`^(?i:flag of (the )?)`)
)

// countryName cleans what the page calls a country: footnote marks, what stands
// behind a dash, invisible characters, and "Flag of".
func countryName(s string) string {
	s = norm.NFC.String(s)
	s = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u00ad", "", "\u200b", "", "\u200e", "", "\u200f", "").Replace(s)
	s = footnote.ReplaceAllString(s, "")
	for _, dash := range []string{" – ", " — ", " - "} {
		s, _, _ = strings.Cut(s, dash)
	}
	s = strings.Join(strings.Fields(s), " ")
	return strings.TrimSpace(flagOf.ReplaceAllString(s, ""))
}

// fileName is a country's name as a file may be called anywhere.
func fileName(country string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '_'
		case r < 0x20 || strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		}
		return r
	}, country)
	name = strings.Trim(name, ".")
	switch strings.ToUpper(name) {
	case "", "CON", "PRN", "AUX", "NUL", "COM1", "LPT1":
		name = "_" + name
	}
	return name
}

var thumbSize = regexp.MustCompile(`^(lossy-page\d+-|page\d+-)?\d+px-`)

// pictureAddress is the address of a picture at a width, by Wikimedia's scheme:
// …/thumb/a/ab/Name.svg/220px-Name.svg.png is …/a/ab/Name.svg, 220 pixels wide.
// What is narrower than that and no drawing is taken as it is.
func pictureAddress(base *url.URL, img *html.Node, width int) string {
	src := attr(img, "src")
	if src == "" || strings.HasPrefix(src, "data:") {
		src = attr(img, "data-src")
	}
	u, err := base.Parse(src)
	if err != nil || src == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	u.RawQuery, u.Fragment = "", ""
	escaped := u.EscapedPath()
	original := escaped
	at := strings.Index(escaped, "/thumb/")
	if at >= 0 {
		original = escaped[:at] + path.Dir(escaped[at+len("/thumb"):])
	}
	name := path.Base(original)
	drawing := strings.HasSuffix(strings.ToLower(name), ".svg")
	if own, err := strconv.Atoi(attr(img, "data-file-width")); err == nil && own <= width && !drawing {
		return withPath(u, original)
	}
	switch {
	case at >= 0 && thumbSize.MatchString(path.Base(escaped)):
		sized := thumbSize.ReplaceAllString(path.Base(escaped), fmt.Sprintf("${1}%dpx-", width))
		return withPath(u, path.Dir(escaped)+"/"+sized)
	case at < 0 && drawing:
		dir := path.Dir(path.Dir(path.Dir(original))) // above /a/ab/Name.svg
		return withPath(u, fmt.Sprintf("%s/thumb%s/%dpx-%s.png", strings.TrimSuffix(dir, "/"), strings.TrimPrefix(original, strings.TrimSuffix(dir, "/")), width, name))
	}
	return withPath(u, escaped)
}

// withPath is u with another path, which is escaped already.
func withPath(u *url.URL, escaped string) string {
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return ""
	}
	v := *u
	v.Path, v.RawPath = plain, escaped
	return v.String()
}
