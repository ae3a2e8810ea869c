package evidence

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/insight/copies/made"
	"github.com/akin-search/akin/internal/picture"
)

func decodeBytes(t testing.TB, data []byte) *picture.Picture {
	p, _, err := picture.Decode(context.Background(), data, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
func pic(t testing.TB, m image.Image) *picture.Picture {
	var b bytes.Buffer
	png.Encode(&b, m)
	return decodeBytes(t, b.Bytes())
}

func TestRig(t *testing.T) {
	if os.Getenv("RIG") == "" {
		t.Skip()
	}
	want := os.Getenv("RIG")
	if os.Getenv("ALL") != "" {
		seenAlready = 1e9
	}
	type row struct {
		group, name string
		e           Evidence
		d           time.Duration
	}
	var rows []row
	add := func(group, name string, a, b *picture.Picture) {
		t0 := time.Now()
		e := Compare(a, b)
		rows = append(rows, row{group, name, e, time.Since(t0)})
	}
	has := func(s string) bool { return want == "all" || bytes.Contains([]byte(want), []byte(s)) }
	originals := map[string][]image.Image{}
	names := map[string][]string{}
	if has("photos") {
		files, _ := filepath.Glob("/tmp/dphotos/*")
		more, _ := filepath.Glob("/tmp/photos/*/usr/share/*/*/*.jpg")
		sort.Strings(more)
		if len(more) > 12 {
			more = more[:12]
		}
		for _, f := range append(files, more...) {
			data, _ := os.ReadFile(f)
			p, _, err := picture.Decode(context.Background(), data, picture.Limits{})
			if err != nil {
				continue
			}
			m := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
			for i := range p.Width * p.Height {
				copy(m.Pix[4*i:], p.Pix[3*i:3*i+3])
				m.Pix[4*i+3] = 255
			}
			originals["photos"] = append(originals["photos"], m)
			names["photos"] = append(names["photos"], filepath.Base(f))
		}
	}
	if has("madephoto") {
		for i := range 6 {
			originals["madephoto"] = append(originals["madephoto"], made.Photo(i, 1200, 900))
			names["madephoto"] = append(names["madephoto"], fmt.Sprint(i))
		}
	}
	if has("pages") {
		for _, k := range made.Kinds {
			originals["pages"] = append(originals["pages"], made.Page(k, 0))
			names["pages"] = append(names["pages"], k)
		}
	}
	if has("flags") {
		files, _ := filepath.Glob("/work/shared/flags/images/*.png")
		for i, f := range files {
			if i%5 != 0 {
				continue
			}
			file, _ := os.Open(f)
			m, err := png.Decode(file)
			file.Close()
			if err != nil {
				continue
			}
			originals["flags"] = append(originals["flags"], m)
			names["flags"] = append(names["flags"], filepath.Base(f))
		}
	}
	for g, all := range originals {
		for i, m := range all {
			p := pic(t, m)
			for _, c := range made.Copies {
				data, err := c.Make(m)
				if err != nil {
					t.Fatal(err)
				}
				q := decodeBytes(t, data)
				add("copy "+g+" "+c.Name, names[g][i], p, q)
			}
		}
	}
	variants := []string{"png", "saved_40.jpg", "mail_half.jpg", "messenger_800.jpg", "quarter.png"}
	variant := func(m image.Image, v string) *picture.Picture {
		if v == "png" {
			return pic(t, m)
		}
		for _, c := range made.Copies {
			if c.Name == v {
				data, _ := c.Make(m)
				return decodeBytes(t, data)
			}
		}
		panic(v)
	}
	if has("different") {
		for _, k := range made.Kinds {
			for i := range 3 {
				a, b := made.Page(k, 2*i), made.Page(k, 2*i+1)
				for _, v := range variants {
					add("DIFF page "+v, fmt.Sprint(k, i), pic(t, a), variant(b, v))
					add("DIFF pageboth "+v, fmt.Sprint(k, i), variant(a, v), variant(b, v))
				}
			}
		}
	}
	if has("digit") {
		for _, k := range made.Kinds {
			for i := range 3 {
				a, b := made.OneDigit(k, i)
				for _, v := range variants {
					add("DIFF digit "+v, fmt.Sprint(k, i), pic(t, a), variant(b, v))
					add("DIFF digitboth "+v, fmt.Sprint(k, i), variant(a, v), variant(b, v))
				}
			}
		}
	}
	if has("burst") {
		for i := range 3 {
			fr := made.Burst(i, 3, 1200, 900)
			ex := made.Exposures(i, 2, 1200, 900)
			for _, v := range []string{"png", "saved_again.jpg", "mail_half.jpg", "messenger_800.jpg"} {
				add("DIFF burst "+v, fmt.Sprint(i, "01"), variant(fr[0], v), variant(fr[1], v))
				add("DIFF burst "+v, fmt.Sprint(i, "12"), variant(fr[1], v), variant(fr[2], v))
				add("DIFF exposures "+v, fmt.Sprint(i), variant(ex[0], v), variant(ex[1], v))
				add("DIFF exposure1 "+v, fmt.Sprint(i), pic(t, ex[0]), variant(ex[1], v))
			}
		}
	}
	byGroup := map[string][]row{}
	var groups []string
	for _, r := range rows {
		if byGroup[r.group] == nil {
			groups = append(groups, r.group)
		}
		byGroup[r.group] = append(byGroup[r.group], r)
	}
	sort.Strings(groups)
	for _, g := range groups {
		rs := byGroup[g]
		same := 0
		var d time.Duration
		for _, r := range rs {
			if r.e.Same {
				same++
			}
			d += r.d
		}
		fmt.Printf("%-36s same %d of %d, %v each\n", g, same, len(rs), d/time.Duration(len(rs)))
		isDiff := g[:4] == "DIFF"
		sort.Slice(rs, func(i, j int) bool { return rs[i].e.Worst > rs[j].e.Worst != isDiff })
		for i, r := range rs {
			if i < 3 || r.e.Same == isDiff {
				fmt.Printf("      %-28s worst %.2f level %d at %v grain %.2f detail %.0f tone %.0f overlap %.2f %s scale %.4f\n", r.name, r.e.Worst, r.e.Level, r.e.At, r.e.Grain, r.e.Detail, r.e.Tone, r.e.Overlap, r.e.Reason, r.e.Transform.ScaleX)
			}
		}
	}
}
