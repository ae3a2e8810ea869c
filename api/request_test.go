package api

import (
	"reflect"
	"strings"
	"testing"
)

// OpenAPI allows the methods of fusion that there are, in their order.
func TestFusionMethodsAreDescribed(t *testing.T) {
	t.Parallel()
	field, ok := reflect.TypeFor[SearchFusion]().FieldByName("Method")
	if got := strings.Split(field.Tag.Get("enum"), ","); !ok || !reflect.DeepEqual(got, FusionMethods) {
		t.Errorf("the enum of SearchFusion.Method is %q, want %q", got, FusionMethods)
	}
}
