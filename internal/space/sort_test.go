package space

import (
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
)

// sorted is a collection whose orders were worked out by hand. An address without a camera's date has none, and pictures
// that were imported have no size.
func sorted(t *testing.T) *Collection {
	t.Helper()
	c, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.akin"), models.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	written := func(day string) int64 {
		at, err := time.ParseInLocation("2006-01-02", day, time.Local)
		must(t, err)
		return at.UnixNano()
	}
	var b record.Batch
	for _, p := range []record.Put{
		{Source: "/p/img10.png", Size: 300, Mtime: written("2024-05-01"), Width: 100, Height: 100},
		{Source: "/p/img2.png", Size: 100, Mtime: written("2030-01-01"), Taken: "2021-07-14T10:00:00", Width: 3000, Height: 2},
		{Source: "/p/Äpfel.png", Size: 200, Mtime: written("2022-02-02"), Width: 50, Height: 50},
		{Source: "https://example.org/zebra.png", Width: 40, Height: 300},
		{Source: "/p/img02.png", Size: 200, Mtime: written("2022-02-02")},
		{Source: "import:Banana", Name: "Banana"},
	} {
		p.Root, p.Format, p.Hash = "/p", "png", sha256.Sum256([]byte(p.Source))
		b.Puts = append(b.Puts, p)
	}
	commit(t, c, b)
	return c
}

func commit(t *testing.T, c *Collection, b record.Batch) {
	t.Helper()
	w, err := c.Writer()
	must(t, err)
	must(t, errors.Join(w.Commit(t.Context(), b), w.Close()))
}

func TestPicturesAreSorted(t *testing.T) {
	t.Parallel()
	c := sorted(t)
	for _, x := range []struct{ sort, want, why string }{
		{"", "img10 img2 Äpfel zebra img02 Banana", "as they were added"},
		{"added", "img10 img2 Äpfel zebra img02 Banana", "the same"},
		{"-added", "Banana img02 zebra Äpfel img2 img10", "the newest first"},
		{"name", "Äpfel Banana img2 img02 img10 zebra", "as people count and spell"},
		{"-name", "zebra img10 img02 img2 Banana Äpfel", ""},
		{"date", "img2 Äpfel img02 img10 zebra Banana", "by the camera before the file system; without a date last"},
		{"-date", "img10 img02 Äpfel img2 Banana zebra", "without a date last, too"},
		{"size", "img2 Äpfel img02 img10 zebra Banana", ""},
		{"-size", "img10 img02 Äpfel img2 Banana zebra", ""},
		{"pixels", "Äpfel img2 img10 zebra img02 Banana", "2500, 6000, 10 000, 12 000"},
		{"-pixels", "zebra img10 img2 Äpfel Banana img02", ""},
	} {
		for _, limit := range []int{1, 2, 5, 10} {
			var names []string
			for o := (api.ListOptions{Sort: x.sort, Limit: limit}); ; {
				page, err := c.Pictures(t.Context(), o)
				must(t, err)
				if page.Total != 6 || len(page.Pictures) > limit {
					t.Errorf("%+v: %d of %d", o, len(page.Pictures), page.Total)
				}
				for _, p := range page.Pictures {
					names = append(names, p.Name)
				}
				if o.After = page.Next; o.After == "" {
					break
				}
			}
			if got := strings.Join(names, " "); got != x.want {
				t.Errorf("by %q, %d a page (%s):\n%s\nwant\n%s", x.sort, limit, x.why, got, x.want)
			}
		}
	}
	// Names that begin with what was typed stay before the others.
	page, err := c.Pictures(t.Context(), api.ListOptions{Sort: "-name", Typed: "a"})
	must(t, err)
	var names []string
	for _, p := range page.Pictures {
		names = append(names, p.Name)
	}
	if want := []string{"Äpfel", "zebra", "Banana"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	page, err = c.Pictures(t.Context(), api.ListOptions{Sort: "-date", Filter: api.Filter{Before: "2022"}})
	must(t, err)
	if len(page.Pictures) != 1 || page.Pictures[0].Date != "2021-07-14T10:00:00" {
		t.Errorf("%+v", page)
	}
}

func TestPagesOfAnOrderGoOnWhereTheLastPictureWas(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ sort, first, removed, added, then string }{
		{"name", "Äpfel Banana", "Banana", "Citrus", "Citrus img2 img02 img10 zebra"},
		{"name", "Äpfel Banana", "Banana", "Aachen", "img2 img02 img10 zebra"},
		{"-date", "img10 img02", "img02", "Citrus", "Äpfel img2 Citrus Banana zebra"}, // an address has no date
		{"-size", "img10 img02 Äpfel img2 Banana", "Banana", "Citrus", "zebra"},
	} {
		c := sorted(t)
		page, err := c.Pictures(t.Context(), api.ListOptions{Sort: x.sort, Limit: len(strings.Fields(x.first))})
		must(t, err)
		p, err := c.find(t.Context(), x.removed)
		must(t, err)
		source := "https://example.org/" + x.added + ".png"
		commit(t, c, record.Batch{Remove: []int64{p.ID}, Puts: []record.Put{{Source: source, Root: "/p", Format: "png", Hash: sha256.Sum256([]byte(source))}}})
		rest, err := c.Pictures(t.Context(), api.ListOptions{Sort: x.sort, After: page.Next})
		must(t, err)
		var names []string
		for _, p := range rest.Pictures {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, " "); got != x.then {
			t.Errorf("%s, %s gone and %s added: %s, want %s", x.sort, x.removed, x.added, got, x.then)
		}
	}
}

func TestOnlyKnownOrdersAndTheirCursorsAreTaken(t *testing.T) {
	t.Parallel()
	c := sorted(t)
	for _, sort := range []string{"-", "colour", "--name", "Name"} {
		if _, err := c.Pictures(t.Context(), api.ListOptions{Sort: sort}); !errors.Is(err, api.ErrInvalid) {
			t.Errorf("%q: %v", sort, err)
		}
	}
	for _, o := range []api.ListOptions{{Sort: "name", After: "0.1"}, {Sort: "date", After: "0.1.x"}, {After: "0.1.img2"}, {Sort: "size", After: "0.x.1"}} {
		if _, err := c.Pictures(t.Context(), o); !errors.Is(err, api.ErrCursor) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
