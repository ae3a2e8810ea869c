package api

import (
	"reflect"
	"strings"
	"testing"
)

// A struct tag cannot use a list, so the values that OpenAPI allows are held to those that there are, in their order.
func TestChoicesAreDescribed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of    reflect.Type
		field string
		want  []string
	}{
		{reflect.TypeFor[SearchFusion](), "Method", FusionMethods},
		{reflect.TypeFor[IndexRequest](), "Precision", Precisions},
	} {
		field, ok := c.of.FieldByName(c.field)
		if got := strings.Split(field.Tag.Get("enum"), ","); !ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("the enum of %s.%s is %q, want %q", c.of.Name(), c.field, got, c.want)
		}
	}
}
