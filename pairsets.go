package akin

import (
	"embed"
	"fmt"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/report"
)

//go:embed examples/flags-alike.csv examples/flags-context.csv
var pairFiles embed.FS

// PairSet is a list of pairs that comes with akin.
type PairSet struct {
	Name  string
	About string
	file  string
}

// PairSets lists the pairs that come with akin, of pictures that many have.
func PairSets() []PairSet {
	return []PairSet{
		{"flags", "national flags that people take for one another, after Britannica", "examples/flags-alike.csv"},
		{"flags-context", "national flags that history names together and that do not look alike", "examples/flags-context.csv"},
	}
}

// Pairs are the set's pairs.
func (s PairSet) Pairs() ([]api.Pair, error) {
	f, err := pairFiles.Open(s.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return report.ReadPairs(f)
}

// FindPairSet gives the set of that name.
func FindPairSet(name string) (PairSet, error) {
	var names []string
	for _, s := range PairSets() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return PairSet{}, fmt.Errorf("no set of pairs is called %q, only %s", name, strings.Join(names, " and "))
}
