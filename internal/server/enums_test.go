package server

import (
	"reflect"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// A struct tag cannot use a list, so the orders that the description allows are held to those that there are.
func TestEveryOrderOfPicturesIsDescribed(t *testing.T) {
	t.Parallel()
	var want []string
	for _, by := range api.Sorts {
		want = append(want, by, "-"+by)
	}
	field, ok := reflect.TypeFor[listInput]().FieldByName("Sort")
	if got := field.Tag.Get("enum"); !ok || got != strings.Join(want, ",") {
		t.Errorf("the enum of sort is %q, want %q", got, want)
	}
}
