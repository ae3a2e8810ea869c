package runtime

import (
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/onnx"
)

func TestPartsThatFollowEachOtherAreReadAheadTogether(t *testing.T) {
	t.Parallel()
	got := joined([]onnx.External{
		{File: "a", Offset: 8, Length: 4}, {File: "a", Offset: 12, Length: 4},
		{File: "a", Offset: 20, Length: 4},                                     // a gap
		{File: "b", Offset: 24, Length: 4}, {File: "b", Offset: 28, Length: 1}, // another file
		{File: "b", Offset: 0, Length: 24}, // backwards
	})
	want := []onnx.External{{File: "a", Offset: 8, Length: 8}, {File: "a", Offset: 20, Length: 4}, {File: "b", Offset: 24, Length: 5}, {File: "b", Offset: 0, Length: 24}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
