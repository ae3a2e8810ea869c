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

// PairSet is a list of pairs that is part of akin.
type PairSet struct {
	Name  string
	About string
	file  string
}

// PairSets returns the lists of pairs that are part of akin.
func PairSets() []PairSet {
	return []PairSet{
		{"flags", "national flags that people confuse, after Britannica", "examples/flags-alike.csv"},
		{"flags-context", "national flags with a shared history that do not look alike", "examples/flags-context.csv"},
	}
}

// Pairs returns the pairs of the set.
func (s PairSet) Pairs() ([]api.Pair, error) {
	f, err := pairFiles.Open(s.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return report.ReadPairs(f)
}

// FindPairSet returns the set of that name.
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
