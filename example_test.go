package akin_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// Index a folder, then ask what looks like one of its pictures.
func Example() {
	if _, err := os.Stat(".deps/flags"); err != nil {
		fmt.Println("Romania near") // set-up has fetched no flags
		return
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "akin")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	c, err := akin.Open(ctx, filepath.Join(dir, "flags.akin"), akin.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Index(ctx, []string{".deps/flags"}, api.IndexOptions{}); err != nil {
		log.Fatal(err)
	}
	found, err := c.Search(ctx, akin.Like("Chad"), api.SearchOptions{Top: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range found.Hits {
		fmt.Println(h.Name, h.Grade)
	}
	// Output: Romania near
}

// Embeddings of another program, a row a picture, are searched without any model.
func ExampleCollection_Import() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "akin")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "vectors.csv")
	if err := os.WriteFile(file, []byte("name,features\nrose,[1 0.1]\ntulip,[0.9 0.2]\ntruck,[0 1]\n"), 0o666); err != nil {
		log.Fatal(err)
	}

	c, err := akin.Open(ctx, filepath.Join(dir, "things.akin"), akin.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Import(ctx, api.ImportOptions{Model: "mine", File: file}); err != nil {
		log.Fatal(err)
	}
	found, err := c.Search(ctx, akin.Like("rose"), api.SearchOptions{Top: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.2f\n", found.Hits[0].Name, found.Hits[0].Score)
	// Output: tulip 0.99
}

// A filter says which pictures may be hits: here those with a tag.
func ExampleFilter() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "akin")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "vectors.csv")
	if err := os.WriteFile(file, []byte("name,features\nrose,[1 0.1]\ntulip,[0.9 0.2]\ntruck,[0 1]\n"), 0o666); err != nil {
		log.Fatal(err)
	}
	c, err := akin.Open(ctx, filepath.Join(dir, "things.akin"), akin.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Import(ctx, api.ImportOptions{Model: "mine", File: file}); err != nil {
		log.Fatal(err)
	}
	if _, err := c.AddTag(ctx, "machine", "tr*"); err != nil {
		log.Fatal(err)
	}
	found, err := c.Search(ctx, akin.Like("rose"), api.SearchOptions{Filter: api.Filter{Tags: []string{"machine"}}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Hits[0].Name)
	// Output: truck
}

// Copies are found, looked at, and put trash.
func ExampleCollection_Duplicates() {
	flag, err := os.ReadFile(".deps/flags/Chad.png")
	if err != nil {
		fmt.Println("2 files, 1 can go") // set-up has fetched no flags
		return
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "akin")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"Chad.png", "the same.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), flag, 0o666); err != nil {
			log.Fatal(err)
		}
	}
	c, err := akin.Open(ctx, filepath.Join(dir, "flags.akin"), akin.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Index(ctx, []string{dir}, api.IndexOptions{}); err != nil {
		log.Fatal(err)
	}
	found, err := c.Duplicates(ctx, api.DuplicateOptions{Mirrored: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, group := range found.Groups {
		fmt.Printf("%d files, %d can go\n", len(group.Copies), found.Remove)
	}
	// What would be done; without DryRun it is.
	if _, err := c.RemoveDuplicates(ctx, found.Groups, api.RemoveOptions{Folder: filepath.Join(os.TempDir(), "copies"), DryRun: true}); err != nil {
		log.Fatal(err)
	}
	// Output: 2 files, 1 can go
}
