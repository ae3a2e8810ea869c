package space

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
)

// BenchmarkPictures reads pages of 100,000 pictures in seven spaces, as the page of akin serve asks for them. What is read
// once after a commit is measured by itself.
func BenchmarkPictures(b *testing.B) {
	const pictures = 100_000
	c := madeOfMany(b, pictures, 7)
	page := func(b *testing.B, o api.ListOptions, total int) {
		list, err := c.Pictures(b.Context(), o)
		if err != nil || list.Total != total {
			b.Fatal(list.Total, err)
		}
	}
	for _, x := range []struct {
		name    string
		options api.ListOptions
		total   int
	}{
		{"first page", api.ListOptions{Limit: 60}, pictures},
		{"last page", api.ListOptions{Limit: 60, After: "0.99930"}, pictures},
		{"typed, in a quarter", api.ListOptions{Limit: 8, Typed: "beach 0"}, pictures / 4},
		{"typed, in all", api.ListOptions{Limit: 8, Typed: "0"}, pictures},
		{"typed, in one", api.ListOptions{Limit: 8, Typed: "creme brulee 012346"}, 1},
		{"by name", api.ListOptions{Limit: 60, Sort: "name"}, pictures},
		{"by date, the newest first", api.ListOptions{Limit: 60, Sort: "-date"}, pictures},
		{"by date, of a folder", api.ListOptions{Limit: 60, Sort: "-date", Under: "/pictures/042"}, 1000},
		{"by pixels", api.ListOptions{Limit: 500, Sort: "-pixels"}, pictures},
		{"of a folder", api.ListOptions{Limit: 60, Under: "/pictures/042"}, 1000},
	} {
		b.Run(x.name, func(b *testing.B) {
			page(b, x.options, x.total) // reads what is read once
			for b.Loop() {
				page(b, x.options, x.total)
			}
		})
	}
	// Another process adds a picture, as akin index does.
	more := 0
	commit := func(b *testing.B) {
		b.Helper()
		b.StopTimer()
		defer b.StartTimer()
		w, err := c.Writer()
		if err != nil {
			b.Fatal(err)
		}
		path := fmt.Sprintf("/pictures/new/%d.jpg", more)
		p := record.Put{Source: path, Root: "/pictures", Size: int64(more), Mtime: int64(1+more) * 1e12, Hash: sha256.Sum256([]byte(path)), Format: "jpeg", Width: 1 + more, Height: 3000}
		if err := errors.Join(w.Commit(b.Context(), record.Batch{Puts: []record.Put{p}}), w.Prepare(b.Context(), nil), w.Close()); err != nil {
			b.Fatal(err)
		}
		more++
	}
	for _, sort := range append([]string{""}, api.Sorts[1:]...) {
		b.Run("after a commit, by "+cmp.Or(sort, "nothing"), func(b *testing.B) {
			page(b, api.ListOptions{Limit: 60, Sort: sort}, pictures+more)
			for b.Loop() {
				commit(b)
				page(b, api.ListOptions{Limit: 60, Sort: sort}, pictures+more)
			}
		})
	}
	// Nothing is known of before, as after a start.
	for _, sort := range api.Sorts[1:] {
		b.Run("at first, by "+sort, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c.Rest()
				b.StartTimer()
				page(b, api.ListOptions{Limit: 60, Sort: sort}, pictures+more)
			}
		})
	}
	b.Run("typed after a commit", func(b *testing.B) {
		for b.Loop() {
			commit(b)
			page(b, api.ListOptions{Limit: 8, Typed: "creme brulee 012346"}, 1)
		}
	})
	b.Run("what it holds", func(b *testing.B) {
		for b.Loop() {
			if info, err := c.Info(b.Context()); err != nil || info.Pictures != pictures+more {
				b.Fatal(info, err)
			}
		}
	})
}
