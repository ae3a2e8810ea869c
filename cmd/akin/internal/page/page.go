// Package page writes HTML pages of one file each: pictures, style and script are inside, and nothing
// is ever loaded from elsewhere.
package page

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
)

// Picture is a picture with its name.
type Picture struct {
	Name   string
	Source string // the file or address it came from; shown, never loaded
	Thumb  Thumb  // the zero value shows an empty frame
}

// Hit is a picture that was found.
type Hit struct {
	Picture
	ID     string   // equal for the same picture in several rows; "": Source, or Name without one
	Rank   int      // from 1
	Score  float64  // cosine; not shown in a fused row
	Chance float64  // the fraction of random pairs that are at least as close; below 0: unknown
	Luck   *float64 // how many pictures are expected to be as close by luck; nil: unknown
	Grade  string   // same, near, related, weak, or ""
	Folded []string // names of duplicates listed under it
}

func (h Hit) id() string { return cmp.Or(h.ID, h.Source, h.Name) }

// Part is one part of a query: a picture, or words when there is no picture.
type Part struct {
	Picture
	Text   string
	Weight float64
}

// Row is one model's answer.
type Row struct {
	Model string
	Note  string // about the model: its dimension, for instance
	Fused bool   // made of the other rows; its scores are not cosines
	Hits  []Hit

	NoGoodMatch bool // luck explains all hits
}

// CompareData is what Compare shows.
type CompareData struct {
	Title      string // "": made of the query
	Lead       string
	Query      []Part
	Rows       []Row // the fused row among them, usually last
	Evaluation *Evaluation
	Footer     string
}

// GalleryRow is a query and what was found for it.
type GalleryRow struct {
	Query Picture
	Note  string
	Hits  []Hit

	NoGoodMatch bool // luck explains all hits
}

// Section is a part of a gallery: one model's answers, for instance.
type Section struct {
	Title string
	Lead  string
	Rows  []GalleryRow
}

// GalleryData is what Gallery shows.
type GalleryData struct {
	Title      string
	Lead       string
	Sections   []Section
	Evaluation *Evaluation // before the sections
	Footer     string
}

// Evaluation is how each model ranks pictures that belong together.
type Evaluation struct {
	Title   string
	Lead    string
	Models  []string
	Pairs   []Pair
	Summary []Summary // one a model, in the order of Models
}

// Pair is two pictures that belong together.
type Pair struct {
	A, B Picture
	// Ranks has, for each of Models, the rank of B among A's neighbours and of A
	// among B's, from 1; 0 where there is none.
	Ranks [][2]int
}

// Summary is how well one model did.
type Summary struct {
	MRR        float64    // mean reciprocal rank
	Within     [2]float64 // its 95 % interval
	Recall1    float64
	Recall5    float64
	Recall10   float64
	MedianRank float64
}

// Compare writes a page with the hits of several models for one query.
func Compare(w io.Writer, d CompareData) error {
	v := comparison(d)
	return write(w, "compare", v)
}

// Gallery writes a page with many queries, a row each.
func Gallery(w io.Writer, d GalleryData) error {
	v := galleryView{Top: 1, head: newHead(d.Title, galleryScript), GalleryData: d}
	for _, s := range d.Sections {
		for _, r := range s.Rows {
			v.Graded = v.Graded || graded(r.Hits)
			v.Top = max(v.Top, min(8, len(r.Hits)))
			v.sprites.add(r.Query.Thumb)
			for _, h := range r.Hits {
				v.sprites.add(h.Thumb)
			}
		}
	}
	return write(w, "gallery", &v)
}

//go:embed assets
var assets embed.FS

var (
	style         = asset("page.css")
	compareScript = asset("compare.js")
	galleryScript = asset("gallery.js")

	templates = template.Must(template.New("").Funcs(template.FuncMap{
		"score":    func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) },
		"share":    func(v float64) string { return strconv.FormatFloat(100*v, 'f', 0, 64) },
		"weight":   weightText,
		"rarity":   rarity,
		"tone":     tone,
		"ranks":    ranksPair,
		"interval": func(v [2]float64) string { return fmt.Sprintf("%.2f–%.2f", v[0], v[1]) },
		"cells":    cells,
	}).ParseFS(assets, "assets/*.html"))
)

func asset(name string) string {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // embedded: the build would have failed
	}
	return string(b)
}

// head is the beginning of every page.
type head struct {
	Title  string
	Style  template.CSS
	Script template.JS
	Policy string
}

// newHead has a content security policy that forbids the page to load anything, and to run any
// script but its own: a hostile name stays text.
func newHead(title, script string) head {
	sum := sha256.Sum256([]byte(script))
	return head{
		Title:  cmp.Or(title, "akin"),
		Style:  template.CSS(style),
		Script: template.JS(script),
		Policy: "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
	}
}

func write(w io.Writer, name string, data any) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("make the %s page: %w", name, err)
	}
	_, err := b.WriteTo(w)
	return err
}

func graded(hits []Hit) bool {
	return slices.ContainsFunc(hits, func(h Hit) bool { return h.Grade != "" })
}

func weightText(v float64) string {
	return strconv.FormatFloat(math.Abs(v), 'g', 3, 64)
}

// Means returns how close the hit is, in words.
func (h Hit) Means() string {
	text := chanceText(h.Chance)
	if h.Luck == nil {
		return text
	}
	luck := LuckWords(*h.Luck) + " by luck"
	if text == "" {
		return luck
	}
	return luck + "; " + text
}

// LuckText formats an expected number for a column; "" if it is unknown.
func LuckText(n *float64) string {
	switch {
	case n == nil:
		return ""
	case *n >= 9.95:
		return fmt.Sprintf("%.0f", *n)
	case *n >= 0.995:
		return fmt.Sprintf("%.1f", *n)
	case *n >= 0.0995:
		return fmt.Sprintf("%.2f", *n)
	case *n >= 0.00095:
		return fmt.Sprintf("%.3f", *n)
	}
	return "<0.001"
}

// LuckWords returns how many pictures are expected to be as close, in words.
func LuckWords(n float64) string {
	switch text := LuckText(&n); {
	case n >= 1.05:
		return text + " pictures are this close"
	case n >= 0.995:
		return "1 picture is this close"
	case n >= 0.00095:
		return text + " pictures are this close"
	}
	return "fewer than 0.001 pictures are this close"
}

// chanceText returns a chance in words.
func chanceText(c float64) string {
	switch {
	case c < 0 || math.IsNaN(c):
		return ""
	case c == 0:
		return "no random pair is as close"
	case c >= 0.095:
		return fmt.Sprintf("%.0f %% of random pairs are as close", 100*c)
	}
	return "1 random pair in " + thousands(int(math.Round(1/c))) + " is as close"
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:] // narrow no-break space
	}
	return s
}

// rarity returns the length of a hit's bar, 0 to 1: each quarter is ten times rarer
// among random pairs. Bars of the cosines themselves would all look full.
func rarity(c float64) float64 {
	if c <= 0 {
		return 1
	}
	return math.Round(250*min(1, max(0.02, -math.Log10(c)/4))) / 250
}

// tone returns how good the worse of two ranks is, 5 the best: the colour of its cell.
func tone(ranks [2]int) int {
	switch rank := max(ranks[0], ranks[1]); {
	case min(ranks[0], ranks[1]) <= 0:
		return 0
	case rank == 1:
		return 5
	case rank <= 3:
		return 4
	case rank <= 5:
		return 3
	case rank <= 10:
		return 2
	case rank <= 50:
		return 1
	}
	return 0
}

func ranksPair(ranks [2]int) string {
	text := func(rank int) string {
		if rank <= 0 {
			return "–"
		}
		return strconv.Itoa(rank)
	}
	return text(ranks[0]) + " · " + text(ranks[1])
}

// Cell is one model's value of a measure; the best ones stand out.
type Cell struct {
	Text string
	Best bool
}

// cells returns the values of one measure, one per model.
func cells(e Evaluation, measure string) []Cell {
	value := map[string]func(Summary) float64{
		"mrr":    func(s Summary) float64 { return s.MRR },
		"r1":     func(s Summary) float64 { return s.Recall1 },
		"r5":     func(s Summary) float64 { return s.Recall5 },
		"r10":    func(s Summary) float64 { return s.Recall10 },
		"median": func(s Summary) float64 { return -s.MedianRank },
	}[measure]
	best, worst := math.Inf(-1), math.Inf(1)
	for _, s := range e.Summary {
		best, worst = max(best, value(s)), min(worst, value(s))
	}
	out := make([]Cell, len(e.Models))
	for i := range out {
		if i >= len(e.Summary) {
			continue
		}
		v := value(e.Summary[i])
		text := strconv.FormatFloat(v, 'f', 3, 64)
		switch measure {
		case "median":
			text = strconv.FormatFloat(-v, 'f', -1, 64)
		case "r1", "r5", "r10":
			text = strconv.FormatFloat(100*v, 'f', 0, 64) + "\u202f%"
		}
		out[i] = Cell{Text: text, Best: v == best && best > worst}
	}
	return out
}

type galleryView struct {
	head
	GalleryData
	Top     int // hits in a line of a wide window
	Graded  bool
	sprites sprites
}

// Title is the page's; both embedded structs have one.
func (v *galleryView) Title() string { return v.head.Title }

// Sprites are the pictures of the page, each once.
func (v *galleryView) Sprites() []sprite { return v.sprites.list }

// Sprite is where a picture lies among Sprites.
func (v *galleryView) Sprite(t Thumb) string { return v.sprites.id(t) }

// sprites keeps each picture of a gallery once, however many rows show it.
type sprites struct {
	list []sprite
	of   map[string]int
}

type sprite struct {
	ID string
	Thumb
}

func (s *sprites) add(t Thumb) {
	if t.Empty() {
		return
	}
	if s.of == nil {
		s.of = map[string]int{}
	}
	if _, ok := s.of[t.uri]; !ok {
		s.of[t.uri] = len(s.list)
		s.list = append(s.list, sprite{"p" + strconv.Itoa(len(s.list)), t})
	}
}

func (s *sprites) id(t Thumb) string { return s.list[s.of[t.uri]].ID }
