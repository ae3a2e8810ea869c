package render

import (
	"fmt"

	"github.com/akin-search/akin/api"
)

// duplicatesWords returns what was found, and how reliable it is.
func duplicatesWords(d api.Duplicates) []string {
	words := foundWords(d, "--max-wrong allows")
	if left := leftOfSeries(d.Series, shownSeries, shownOfSeries); left > 0 {
		words = append(words, fmt.Sprintf("%s of series not shown; --json lists all.", Count(left, "picture")))
	}
	if c := d.Calibration; c != nil {
		words = append(words, calibrationWords(c)...)
	}
	return words
}

// removalWords returns what was moved, and where.
func removalWords(r *api.RemoveReport) []string {
	done, leads := "Moved", "points"
	if r.DryRun {
		done, leads = "Would move", "would point"
	}
	words := []string{fmt.Sprintf("%s %s, %s.", done, Count(len(r.Removed), "file"), Bytes(r.Bytes))}
	for _, p := range r.Removed {
		words = append(words, fmt.Sprintf("  %s → %s", Place(p.Source), Place(p.To)))
		for _, link := range p.Links {
			words = append(words, fmt.Sprintf("    The link %s %s nowhere now.", Place(link), leads))
		}
	}
	return words
}

// foundWords returns what was found, and what of it stays; allowed names the limit on false matches.
// The page of akin serve says the same.
func foundWords(d api.Duplicates, allowed string) []string {
	duplicates := "duplicates"
	if d.Calibration == nil { // no others were looked for
		duplicates = "exact duplicates"
	}
	found := fmt.Sprintf("%s: no %s.", Count(d.Pictures, "picture"), duplicates)
	if len(d.Groups) > 0 {
		found = fmt.Sprintf("%s of %s in %s; %s can be removed, %s.", Count(len(d.Groups), "group"), duplicates, Count(d.Pictures, "picture"), Count(d.Remove, "picture"), Bytes(d.Bytes))
	}
	if d.Reviewed > 0 {
		found += fmt.Sprintf(" %s reviewed.", Count(d.Reviewed, "group was", "groups were"))
	}
	words := []string{found}
	if len(d.Series) > 0 {
		words = append(words, fmt.Sprintf("%s: %s that are similar but not duplicates. All are kept.", Count(len(d.Series), "series", "series"), Count(leftOfSeries(d.Series, 0, 0), "picture")))
	}
	if n := countUnsure(d.Groups); n > 0 {
		words = append(words, fmt.Sprintf("%s kept: a picture in it has a lookalike that differs, and more false matches are expected than %s.", Count(n, "group is", "groups are"), allowed))
	}
	if n := countBetter(d.Groups); n > 0 {
		words = append(words, fmt.Sprintf("%s kept: better than the best of the group, which is in a preferred folder.", Count(n, "duplicate is", "duplicates are")))
	}
	if n := len(d.Blank); n > 0 {
		words = append(words, fmt.Sprintf("%s blank, such as %s: only equal files count as duplicates of %s.",
			Count(n, "picture is", "pictures are"), Place(d.Blank[0]), Plural(n, "it", "them")))
	}
	if d.RemoteOnly > 0 {
		words = append(words, fmt.Sprintf("%s skipped: not on this machine.", Count(d.RemoteOnly, "picture was", "pictures were")))
	}
	return words
}

// leftOfSeries returns how many pictures of series are not among the first so many series and, of
// each, the first so many pictures.
func leftOfSeries(series []api.DuplicateGroup, groups, pictures int) (left int) {
	for i, g := range series {
		if left += len(g.Copies); i < groups {
			left -= min(pictures, len(g.Copies))
		}
	}
	return left
}

func countUnsure(groups []api.DuplicateGroup) (n int) {
	for _, g := range groups {
		if g.Unsure {
			n++
		}
	}
	return n
}

func countBetter(groups []api.DuplicateGroup) (n int) {
	for _, g := range groups {
		for _, p := range g.Copies {
			if p.Better && !p.Remove && !p.Best && p.Link == "" {
				n++
			}
		}
	}
	return n
}

// enoughFound is the recall on held-out duplicates below which a warning comes first.
const enoughFound = 0.9

// duplicatesWarning is the first line where recall is low.
func duplicatesWarning(c *api.DuplicateCalibration) string {
	if c == nil || c.HeldOut == 0 || c.Found >= enoughFound {
		return ""
	}
	return fmt.Sprintf("Low recall: only %.0f %% of the duplicates made of these pictures are found, so others are missed too.", 100*c.Found)
}

// calibrationWords says how reliable the answer is.
func calibrationWords(c *api.DuplicateCalibration) []string {
	if c.HeldOut == 0 {
		return []string{"Recall and false matches: not measured, as too few pictures show enough detail."}
	}
	words := []string{fmt.Sprintf("Recall: %.0f %% of %s held out.", 100*c.Found, Count(c.HeldOut, "duplicate"))}
	if c.Families > 0 {
		alike := fmt.Sprintf("%s a lookalike that differs", Count(c.Families, "picture has", "pictures have"))
		if c.Changed > 0 && c.Within < 1 {
			alike += fmt.Sprintf("; of these, only duplicates within distance %.2f can be removed", c.Within)
		}
		words = append(words, alike+".")
	}
	if c.Changed == 0 {
		words = append(words, "Expected false matches: not measured, as no picture shows enough detail to change one place of it.")
	} else {
		words = append(words, fmt.Sprintf("Expected false matches: %.2g, at most %.2g (95 %%); %d of %s with one small change taken for a duplicate.",
			c.Wrong, c.WrongMost, c.Mistaken, Count(c.Changed, "picture")))
	}
	return words
}
