package record

import (
	"iter"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Footnote matches the mark that names from Wikipedia's tables end with, as in Denmark[i].
var Footnote = regexp.MustCompile(`\[[a-z]{1,2}\]$`)

// NameFor returns a picture's name: the file name without its extension, and before it as many of its folders as make
// it a name that is not taken.
func NameFor(source string, taken func(string) bool) string {
	full := strings.Trim(filepath.ToSlash(source), "/")
	if _, rest, ok := strings.Cut(full, "://"); ok {
		full = rest
	}
	bare := strings.TrimSuffix(full, path.Ext(full))
	if bare == "" || strings.HasSuffix(bare, "/") {
		bare = full
	}
	for _, whole := range []string{bare, full} {
		for i := len(whole); i > 0; {
			i = strings.LastIndexByte(whole[:i], '/')
			if name := norm.NFC.String(whole[i+1:]); name != "" && !taken(name) {
				return name
			}
		}
	}
	for i := 2; ; i++ {
		if name := norm.NFC.String(full) + "#" + strconv.Itoa(i); !taken(name) {
			return name
		}
	}
}

// IsNameOf reports whether a name was made of a source: it ends the path of the source, but for the extension.
func IsNameOf(name, source string) bool {
	return strings.HasSuffix(filepath.ToSlash(source), "/"+name+filepath.Ext(source))
}

// FileNames returns what other programs call a file: its path, and its file name.
func FileNames(source string) []string {
	full := filepath.ToSlash(source)
	return []string{source, full[strings.LastIndexByte(full, '/')+1:]}
}

// FoldName returns a name without what people do not distinguish: case, composition, underscores and square brackets.
func FoldName(name string) string {
	name = strings.NewReplacer("_", " ", "[", "", "]", "").Replace(norm.NFC.String(name))
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// Closest returns up to three names that a mistyped one may mean: those that differ from it in one letter, else those that
// begin with it, else those that differ in the fewest.
func Closest(name string, names iter.Seq[string]) []string {
	name = FoldName(name)
	limit := len(name)/3 + 1
	type near struct {
		name     string
		distance int
	}
	var best []near
	var longer []string
	for n := range names {
		folded := FoldName(n)
		if len(longer) < 3 && len(name) >= 3 && strings.HasPrefix(folded, name) {
			longer = append(longer, strings.Clone(n))
		}
		d := editDistance(name, folded, limit)
		if d > limit {
			continue
		}
		best = append(best, near{n, d})
		for i := len(best) - 1; i > 0 && best[i].distance < best[i-1].distance; i-- {
			best[i], best[i-1] = best[i-1], best[i]
		}
		best = best[:min(len(best), 3)]
	}
	if len(best) == 0 || len(longer) > 0 && best[0].distance > 1 {
		return longer
	}
	var out []string
	for _, b := range best {
		if b.distance == best[0].distance && b.distance < max(1, len(name)) {
			out = append(out, strings.Clone(b.name))
		}
	}
	return out
}

// editDistance is the optimal string alignment distance (Levenshtein's, where two letters that changed places count as
// one mistake), or more than limit.
func editDistance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
