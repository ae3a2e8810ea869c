package space

import (
	"testing"

	"github.com/akin-search/akin/api"
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
	b.Run("first page after a commit", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			c.Rest()
			b.StartTimer()
			page(b, api.ListOptions{Limit: 60}, pictures)
		}
	})
	for _, sort := range api.Sorts[1:] {
		b.Run("by "+sort+" after a commit", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c.Rest()
				b.StartTimer()
				page(b, api.ListOptions{Limit: 60, Sort: sort}, pictures)
			}
		})
	}
	b.Run("typed after a commit", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			c.Rest()
			b.StartTimer()
			page(b, api.ListOptions{Limit: 8, Typed: "creme brulee 012346"}, 1)
		}
	})
	b.Run("what it holds", func(b *testing.B) {
		for b.Loop() {
			if info, err := c.Info(b.Context()); err != nil || info.Pictures != pictures {
				b.Fatal(info, err)
			}
		}
	})
}
