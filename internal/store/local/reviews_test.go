package local

import (
	"reflect"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

func TestReviewsAreOfContents(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	a, b, d := record.Hash{1}, record.Hash{2}, record.Hash{3}
	write(t, c, func(w *Writer) error {
		for _, step := range []struct {
			why   string
			add   []record.Review
			added int
		}{
			{"two files of one content, and a group", []record.Review{{a: 2}, {a: 1, b: 1}}, 2},
			{"it was said already", []record.Review{{a: 2}, {b: 1}}, 0},
			{"nothing", []record.Review{{}}, 0},
			{"a larger group holds the smaller one", []record.Review{{a: 1, b: 1, d: 1}}, 1},
			{"twice in one go", []record.Review{{d: 5}, {d: 5}}, 1},
		} {
			if n, err := w.Review(t.Context(), step.add); err != nil || n != step.added {
				t.Errorf("%s: %d, %v", step.why, n, err)
			}
		}
		return nil
	})
	want := []record.Review{{a: 2}, {a: 1, b: 1, d: 1}, {d: 5}}
	if got, err := c.Reviews(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	write(t, c, func(w *Writer) error {
		if n, err := w.Unreview(t.Context(), []record.Hash{a}); err != nil || n != 2 {
			t.Errorf("forgot %d, %v", n, err)
		}
		return nil
	})
	if got, err := c.Reviews(t.Context()); err != nil || !reflect.DeepEqual(got, want[2:]) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestACollectionOfAnOlderFormatHasNoReviews(t *testing.T) {
	t.Parallel()
	c, _ := openOld(t, version1(t), Options{ReadOnly: true})
	if got, err := c.Reviews(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("%v, %v", got, err)
	}
}
