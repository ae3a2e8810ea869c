package api

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

func TestEveryPictureIsInOneShard(t *testing.T) {
	t.Parallel()
	const pictures, of = 80_000, 8
	var sizes [of]int
	for i := range pictures {
		source, in := fmt.Sprintf("/p/%d.jpg", i), 0
		for n := range of {
			if (Shard{n + 1, of}).Has(source) {
				sizes[n]++
				in++
			}
		}
		if in != 1 {
			t.Fatalf("%s is in %d shards", source, in)
		}
	}
	for n, size := range sizes { // within five standard deviations
		if math.Abs(float64(size)-pictures/of) > 5*math.Sqrt(pictures/of) {
			t.Errorf("shard %d has %d pictures", n+1, size)
		}
	}
	// SHA-256 of "abc" begins with ba7816bf: 0.728 of all, so in the sixth of eight.
	if !(Shard{6, 8}).Has("abc") || !(Shard{}).Has("abc") {
		t.Error("the shards are others than they were")
	}
}

func TestShardsAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Shard{"1/1": {1, 1}, "2/8": {2, 8}, "0/8": {}, "9/8": {}, "2": {}, "a/b": {}, "-1/-2": {}, "": {}} {
		got, err := ParseShard(text)
		if want == (Shard{}) {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%q: %v, %v", text, got, err)
			}
		} else if err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
