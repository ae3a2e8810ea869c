package render

import "testing"

// web/test/parts.test.ts holds the page to the same units.
func TestBytesAreInPowersOf1000(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1536: "1.5 kB", 999_949: "999.9 kB", 1_000_000: "1.0 MB", 2_500_000_000: "2.5 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
