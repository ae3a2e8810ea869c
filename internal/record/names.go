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

// Closest returns up to three names that are most similar to name.
func Closest(name string, names iter.Seq[string]) []string {
	name = FoldName(name)
	type near struct {
		name     string
		distance int
	}
	var best []near
	for n := range names {
		d := editDistance(name, FoldName(n), len(name)/3+1)
		if d > len(name)/3+1 {
			continue
		}
		best = append(best, near{n, d})
		for i := len(best) - 1; i > 0 && best[i].distance < best[i-1].distance; i-- {
			best[i], best[i-1] = best[i-1], best[i]
		}
		best = best[:min(len(best), 3)]
	}
	out := make([]string, len(best))
	for i, b := range best {
		out[i] = strings.Clone(b.name)
	}
	return out
}

// editDistance is Levenshtein's, or more than limit.
func editDistance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
