package server

import (
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// pairSet returns the pairs of a set that comes with akin, or else those given.
func pairSet(set string, given []api.Pair) ([]api.Pair, error) {
	if set == "" {
		for i := range given {
			given[i].Row = i + 1
		}
		return given, nil
	}
	if len(given) > 0 {
		return nil, invalid{errors.New("set and pairs exclude each other")}
	}
	found, err := akin.FindPairSet(set)
	if err != nil {
		return nil, invalid{err}
	}
	return found.Pairs()
}
