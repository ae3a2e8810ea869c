package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

// Index writes what an index run did, in one line.
func (o *Output) Index(r api.IndexReport) error {
	more := r.Embedded // of unchanged pictures, for a model or a precision that is new to them
	if r.Embedded <= (r.Added+r.Changed)*len(r.Models) {
		more = 0
	}
	line := ""
	for _, part := range []struct {
		n    int
		word string
	}{
		{r.Added, "added"}, {r.Changed, "changed"}, {r.Renamed, "renamed"}, {r.Removed, "removed"},
		{r.Unchanged, "unchanged"}, {more, Plural(more, "embedding") + " made"}, {r.Tagged, Plural(r.Tagged, "tag") + " added"}, {r.Missing, "missing (remove them with --prune)"}, {len(r.Failed), "could not be read"},
	} {
		if part.n > 0 {
			if line != "" {
				line += ", "
			}
			line += fmt.Sprintf("%d %s", part.n, part.word)
			if part.word == "unchanged" && r.Unreadable > 0 {
				line += fmt.Sprintf(" (%d of them unreadable)", r.Unreadable)
			}
		}
	}
	if line == "" {
		line = "no pictures found"
	}
	took := seconds(r.Seconds)
	rate := ""
	if n := r.Added + r.Changed; n > 0 && r.Seconds > 0 {
		rate = fmt.Sprintf(", %.0f/s", float64(n)/r.Seconds)
	}
	if _, err := fmt.Fprintf(o.Text, "%s in %s%s\n", line, took, rate); err != nil {
		return err
	}
	if p := r.Parts; p != nil && p.Added > 0 {
		if _, err := fmt.Fprintf(o.Text, "%s added to the index of parts in %s\n", Count(p.Added, "picture"), seconds(p.Seconds)); err != nil {
			return err
		}
	}
	for _, g := range r.Regions {
		if g.Added == 0 {
			continue
		}
		if _, err := fmt.Fprintf(o.Text, "%s of %s embedded by %s in %s\n", Count(g.Regions, "region"), Count(g.Added, "picture"), g.Model, seconds(g.Seconds)); err != nil {
			return err
		}
	}
	return nil
}

func seconds(n float64) time.Duration {
	return time.Duration(n * float64(time.Second)).Round(10 * time.Millisecond)
}

// OtherFiles says how many files were left out because they are no pictures; "" where there are none.
func OtherFiles(other map[string]int) string {
	const shown = 4
	total := 0
	for _, n := range other {
		total += n
	}
	if total == 0 {
		return ""
	}
	var kinds []string
	for _, ext := range byCount(other) {
		word := ext
		if word == "" {
			word = "without an ending"
		}
		kinds = append(kinds, fmt.Sprintf("%d %s", other[ext], word))
	}
	if len(kinds) > shown {
		kinds = append(kinds[:shown:shown], "…")
	}
	return fmt.Sprintf("%s left out: %s", Count(total, "other file was", "other files were"), strings.Join(kinds, ", "))
}

// MostOf is the ending of most files that were left out by the ending alone, "" where none was.
func MostOf(other map[string]int) string {
	for _, ext := range byCount(other) {
		if source.IsOtherName(ext) {
			return ext
		}
	}
	return ""
}

func byCount(other map[string]int) []string {
	all := slices.Sorted(maps.Keys(other))
	slices.SortStableFunc(all, func(a, b string) int { return other[b] - other[a] })
	return all
}
