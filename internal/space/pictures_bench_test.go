package space

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
)

// BenchmarkPictures reads pages of 100,000 pictures in seven spaces, as the page of akin serve asks for them. What is read
// once after a commit is measured by itself.
func BenchmarkPictures(b *testing.B) {
	const pictures = 100_000
	c, err := Open(b.Context(), filepath.Join(b.TempDir(), "c.akin"), models.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	w, err := c.Writer()
	if err != nil {
		b.Fatal(err)
	}
	var spaces []record.Space
	for i := range 7 {
		s, err := w.Space(b.Context(), fmt.Sprint("m", i), "f", 1)
		if err != nil {
			b.Fatal(err)
		}
		spaces = append(spaces, s)
	}
	words := []string{"beach", "Mountain", "Crème brûlée", "IMG"}
	var batch record.Batch
	for i := range pictures {
		path := fmt.Sprintf("/pictures/%03d/%s_%06d.jpg", i/1000, words[i%len(words)], i)
		hash := record.Hash(sha256.Sum256([]byte(path)))
		batch.Puts = append(batch.Puts, record.Put{Source: path, Root: "/pictures", Size: int64(1 + i*7919%pictures), Mtime: int64(1+i*104729%pictures) * 1e12, Hash: hash, Format: "jpeg", Width: 1 + i%4000, Height: 3000})
		for _, s := range spaces {
			batch.Embeddings = append(batch.Embeddings, record.Embedding{Space: s.ID, Hash: hash, Vector: []float32{1}})
		}
	}
	err = w.Commit(b.Context(), batch)
	if err == nil {
		err = w.Prepare(b.Context(), nil)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		b.Fatal(err)
	}
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
