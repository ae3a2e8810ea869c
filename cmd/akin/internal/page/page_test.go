package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// flagThumb is a small picture that differs with its colour.
func flagThumb(t *testing.T, colour byte) Thumb {
	t.Helper()
	pix := bytes.Repeat([]byte{colour, 120, 40}, 30*20)
	p, err := Thumbnail(30, 20, pix, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pages are the three pages, full of one name.
func pages(t *testing.T, name string) map[string]func(io.Writer) error {
	a, b := flagThumb(t, 1), flagThumb(t, 2)
	query := Picture{name, name, a}
	hits := []Hit{
		{Picture: Picture{name, name, b}, Rank: 1, Score: 0.9, Chance: 0.0002, Grade: "near", Folded: []string{name}},
		{Picture: Picture{"Mali", "mali.png", Thumb{}}, Rank: 2, Score: 0.8, Chance: -1, Grade: name},
	}
	e := &Evaluation{
		Title: name, Lead: name, Models: []string{name, "fused"},
		Pairs:   []Pair{{query, Picture{Name: "Mali"}, [][2]int{{1, 12}, {0, 3}}}},
		Summary: []Summary{{0.5, [2]float64{0.3, 0.7}, 0.4, 0.3, 1, 2}, {0.6, [2]float64{0.4, 0.8}, 0.4, 0.2, 1, 3}},
	}
	return map[string]func(io.Writer) error{
		"compare": func(w io.Writer) error {
			return Compare(w, CompareData{
				Title: name, Lead: name, Footer: name, Evaluation: e,
				Query: []Part{{Picture: query, Weight: 1}, {Text: name, Weight: -0.5}},
				Rows:  []Row{{name, name, false, hits, true}, {"empty", "", false, nil, true}, {"fused", "", true, hits[:1], false}},
			})
		},
		"gallery": func(w io.Writer) error {
			return Gallery(w, GalleryData{
				Title: name, Lead: name, Footer: name, Evaluation: e,
				Sections: []Section{{name, name, []GalleryRow{{query, name, hits, true}, {Picture{Name: "alone"}, "", nil, true}}}},
			})
		},
	}
}

// reports are all pages, full of one name.
func reports(t *testing.T, name string) map[string]func(io.Writer) error {
	a, b := Picture{name, name, flagThumb(t, 1)}, Picture{name, name, flagThumb(t, 2)}
	all := pages(t, name)
	all["report"] = func(w io.Writer) error {
		return Report(w, ReportData{Title: name, Lead: name, Footer: name, Sections: []ReportSection{{
			Title: name, Lead: name, Columns: []string{name, "rank"}, Note: name,
			Rows: [][]ReportCell{{{Text: name, Pictures: []Picture{a, b}}, {Text: name, Tone: 3, Best: true}}},
		}}})
	}
	all["duplicates"] = func(w io.Writer) error {
		best, copied := DuplicatePicture{a, []string{name}, name, false}, DuplicatePicture{b, []string{name}, name, true}
		return Duplicates(w, DuplicatesData{Title: name, Lead: name, Notes: []string{name}, Groups: []DuplicateGroup{{best, []DuplicatePicture{copied}}}})
	}
	all["explain"] = func(w io.Writer) error {
		one := ExplainPicture{Name: name, Plain: a.Thumb, Heat: b.Thumb}
		return Explain(w, ExplainData{Title: name, Lead: name, Models: []ExplainModel{{Name: name, Note: name, A: one, B: one}}})
	}
	all["map"] = func(w io.Writer) error { return Map(w, mapOf(name)) }
	return all
}

func render(t *testing.T, page func(io.Writer) error) (*html.Node, string) {
	t.Helper()
	var b bytes.Buffer
	if err := page(&b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc, b.String()
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(text(c))
	}
	return b.String()
}

func count(doc *html.Node, element string) int {
	n := 0
	for e := range doc.Descendants() {
		if e.Type == html.ElementNode && e.Data == element {
			n++
		}
	}
	return n
}

func TestPagesLoadNothing(t *testing.T) {
	t.Parallel()
	loading := []string{"src", "srcset", "href", "data", "poster", "action", "formaction", "background", "ping"}
	for name, page := range reports(t, "Chad") {
		doc, source := render(t, page)
		for e := range doc.Descendants() {
			for _, a := range e.Attr {
				if slices.Contains(loading, a.Key) && !strings.HasPrefix(a.Val, "data:image/") && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("%s: <%s %s=%q>", name, e.Data, a.Key, a.Val)
				}
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s> has a handler %s", name, e.Data, a.Key)
				}
			}
			if e.Data == "link" || e.Data == "iframe" || e.Data == "base" {
				t.Errorf("%s has a <%s>", name, e.Data)
			}
		}
		for _, address := range []string{"http:", "https:", "url(", "@import", `="//`, "ZgotmplZ"} {
			if strings.Contains(source, address) {
				t.Errorf("%s contains %s", name, address)
			}
		}
	}
}

func TestEveryPictureHasWords(t *testing.T) {
	t.Parallel()
	for name, page := range pages(t, "Chad") {
		doc, _ := render(t, page)
		pictures := 0
		for e := range doc.Descendants() {
			key := map[string]string{"img": "alt", "svg": "aria-label"}[e.Data]
			if _, hidden := attr(e, "aria-hidden"); key == "" || hidden {
				continue
			}
			pictures++
			if words, _ := attr(e, key); words == "" {
				t.Errorf("%s: <%s> without %s", name, e.Data, key)
			}
		}
		if pictures == 0 {
			t.Errorf("%s shows no picture", name)
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		`"><script>alert(1)</script>`, `' onmouseover='alert(1)`, `</style><img src=x onerror=alert(1)>`,
		`javascript:alert(1)`, `</title></svg><base href=//evil>`, "{{.Title}}", `--v:url(//evil)`, "a\u202eb\x00\x1b[2J", "\xff",
		`"onerror="alert(1)`, "`onerror=`alert(1)", "</script><script>alert(1)</script>", "<!--<script>", "--><svg onload=alert(1)>", "]]><svg/onload=alert(1)>",
		"a\u2028alert(1)\u2029b", "${alert(1)}", `\u003cscript\u003ealert(1)`, `&lt;script&gt;alert(1)`, "</textarea></noscript><script>alert(1)</script>",
		"data:text/html,<script>alert(1)</script>", "<a href=javascript:alert(1)>x</a>",
	} {
		plain, odd := reports(t, "Chad"), reports(t, hostile)
		for name, page := range odd {
			doc, _ := render(t, page)
			want, _ := render(t, plain[name])
			for _, element := range []string{"script", "style", "img", "svg", "a", "base", "title", "button", "td", "noscript"} {
				if got, want := count(doc, element), count(want, element); got != want {
					t.Errorf("%s with %q: %d <%s>, want %d", name, hostile, got, element, want)
				}
			}
			for e := range doc.Descendants() {
				for _, a := range e.Attr {
					if strings.HasPrefix(a.Key, "on") {
						t.Errorf("%s with %q: handler %s", name, hostile, a.Key)
					}
				}
				if e.Data == "h1" && !strings.Contains(hostile, "\x00") && hostile != "\xff" && text(e) != hostile {
					t.Errorf("%s: the title became %q", name, text(e))
				}
			}
		}
	}
}

func TestOnlyThePagesOwnScriptMayRun(t *testing.T) {
	t.Parallel()
	for name, page := range reports(t, "Chad") {
		doc, _ := render(t, page)
		policy, script := "", ""
		for e := range doc.Descendants() {
			if v, _ := attr(e, "http-equiv"); v == "Content-Security-Policy" {
				policy, _ = attr(e, "content")
			}
			if kind, _ := attr(e, "type"); e.Data == "script" && e.Type == html.ElementNode && kind != "application/json" {
				script += text(e)
			}
		}
		sum := sha256.Sum256([]byte(script))
		if !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("%s: policy %q does not fit its script", name, policy)
		}
	}
}

func TestNothingFoundIsSaid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"compare", "gallery"} {
		if _, source := render(t, pages(t, "Chad")[name]); !strings.Contains(source, "No good match.") {
			t.Errorf("%s does not say that nothing was found", name)
		}
	}
}

func TestGalleryHoldsEveryPictureOnce(t *testing.T) {
	t.Parallel()
	a, b := flagThumb(t, 1), flagThumb(t, 2)
	hit := Hit{Picture: Picture{Name: "b", Thumb: b}, Rank: 1}
	var rows []GalleryRow
	for range 50 {
		rows = append(rows, GalleryRow{Query: Picture{Name: "a", Thumb: a}, Hits: []Hit{hit, hit}})
	}
	doc, source := render(t, func(w io.Writer) error {
		return Gallery(w, GalleryData{Title: "x", Sections: []Section{{Rows: rows}}})
	})
	if n := strings.Count(source, "data:image/"); n != 2 {
		t.Errorf("%d pictures inside, want 2", n)
	}
	if n := count(doc, "use"); n != 150 {
		t.Errorf("%d pictures shown, want 150", n)
	}
}

func TestComparisonFindsWhatRowsShare(t *testing.T) {
	t.Parallel()
	hits := func(names ...string) []Hit {
		var out []Hit
		for i, n := range names {
			out = append(out, Hit{Picture: Picture{Name: n, Source: n + ".png"}, Rank: i + 1})
		}
		return out
	}
	v := comparison(CompareData{
		Query: []Part{{Picture: Picture{Name: "Chad"}, Weight: 1}, {Picture: Picture{Name: "Mali"}, Weight: 0.5}, {Text: "a star", Weight: -1}},
		Rows: []Row{
			{Model: "clip", Hits: hits("Romania", "Andorra", "Moldova", "Mali")},
			{Model: "vit", Hits: hits("Romania", "Belgium", "Andorra", "France")},
			{Model: "fused", Fused: true, Hits: hits("Romania", "Andorra", "Moldova", "Belgium")},
		},
	})
	if v.Title() != "Chad + Mali − “a star”" {
		t.Errorf("title %q", v.Title())
	}
	if v.Models != 2 || v.Top != 4 {
		t.Errorf("%d models, %d hits", v.Models, v.Top)
	}
	// clip and vit share Romania and Andorra; the fused row has three of clip's and three of vit's.
	want := [][]float64{{1, 0.5, 0.75}, {0.5, 1, 0.75}, {0.75, 0.75, 1}}
	for i, line := range v.Agreement {
		for j, s := range line.Shares {
			if s.Value != want[i][j] || s.Self != (i == j) {
				t.Errorf("%s and %s share %v, want %v", line.Model, s.Other, s.Value, want[i][j])
			}
		}
	}
	if v.Rows[0].Shared != "3 of 4" || v.Rows[2].Shared != "" {
		t.Errorf("shared with the fused row: %q, %q", v.Rows[0].Shared, v.Rows[2].Shared)
	}
	alone := map[string]bool{}
	for _, r := range v.Rows {
		for _, h := range r.Hits {
			if h.Alone {
				alone[r.Model+" "+h.Name] = true
			}
		}
	}
	if len(alone) != 4 || !alone["clip Moldova"] || !alone["clip Mali"] || !alone["vit Belgium"] || !alone["vit France"] {
		t.Errorf("found by one model alone: %v", alone)
	}
	if a, b := v.Rows[0].Hits[1], v.Rows[1].Hits[2]; a.Key != b.Key || a.Ranks != "clip 2, vit 3, fused 2" {
		t.Errorf("Andorra has keys %d and %d, ranks %q", a.Key, b.Key, a.Ranks)
	}
	if got := v.Rows[1].Hits[3].Ranks; got != "vit 4; not among the hits of clip, fused" {
		t.Errorf("France: %q", got)
	}
}

func TestLuckIsSaidInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		luck        float64
		text, words string
	}{
		{35.86, "36", "36 pictures are this close"},
		{9.97, "10", "10 pictures are this close"},
		{1.24, "1.2", "1.2 pictures are this close"},
		{1, "1.0", "1 picture is this close"},
		{0.665, "0.67", "0.67 pictures are this close"},
		{0.0702, "0.070", "0.070 pictures are this close"},
		{0.001, "0.001", "0.001 pictures are this close"},
		{1.8e-15, "<0.001", "fewer than 0.001 pictures are this close"},
		{0, "<0.001", "fewer than 0.001 pictures are this close"},
	} {
		if text, words := LuckText(&c.luck), LuckWords(c.luck); text != c.text || words != c.words {
			t.Errorf("%g: %q, %q, want %q, %q", c.luck, text, words, c.text, c.words)
		}
	}
	if got := LuckText(nil); got != "" {
		t.Errorf("what is not known is %q", got)
	}
	luck := 15.2
	if got := (Hit{Chance: 0.004, Luck: &luck}).Means(); got != "15 pictures are this close by luck; 1 random pair in 250 is as close" {
		t.Error(got)
	}
}

// A row in which luck explains all says so before its hits, one without hits instead of them.
func TestRowsSayThatThereIsNoGoodMatch(t *testing.T) {
	t.Parallel()
	for name, page := range pages(t, "Chad") {
		want := map[string]int{"compare": 2, "gallery": 2}[name]
		if _, text := render(t, page); strings.Count(text, "No good match") != want {
			t.Errorf("%s says %d times that there is no good match, want %d", name, strings.Count(text, "No good match"), want)
		}
	}
}

func TestChanceIsSaidInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		chance float64
		words  string
		bar    float64
	}{
		{-1, "", 1}, {0, "no random pair is as close", 1},
		{0.00005, "1 random pair in 20\u202f000 is as close", 1},
		{0.001, "1 random pair in 1\u202f000 is as close", 0.748},
		{0.01, "1 random pair in 100 is as close", 0.5},
		{0.5, "50 % of random pairs are as close", 0.076},
		{1, "100 % of random pairs are as close", 0.02},
	} {
		if got := chanceText(c.chance); got != c.words {
			t.Errorf("chance %v: %q, want %q", c.chance, got, c.words)
		}
		if got := rarity(c.chance); got < c.bar-0.005 || got > c.bar+0.005 {
			t.Errorf("chance %v: a bar of %v, want %v", c.chance, got, c.bar)
		}
	}
}

func TestBestModelsStandOut(t *testing.T) {
	t.Parallel()
	e := Evaluation{Models: []string{"a", "b", "c"}, Summary: []Summary{
		{MRR: 0.5, Recall1: 0.25, MedianRank: 2}, {MRR: 0.7, Recall1: 0.25, MedianRank: 1.5}, {MRR: 0.7, Recall1: 0.25, MedianRank: 9},
	}}
	for measure, want := range map[string][]Cell{
		"mrr":    {{"0.500", false}, {"0.700", true}, {"0.700", true}},
		"r1":     {{"25\u202f%", false}, {"25\u202f%", false}, {"25\u202f%", false}}, // all equal: none is best
		"median": {{"2", false}, {"1.5", true}, {"9", false}},
	} {
		if got := cells(e, measure); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", measure, got, want)
		}
	}
}
