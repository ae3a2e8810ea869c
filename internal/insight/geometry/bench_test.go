package geometry

import "testing"

// A picture of a megapixel, and a crop of it in another one.
func BenchmarkNew(b *testing.B) {
	p := texture(1, 1024, 1024)
	for b.Loop() {
		New(p)
	}
}

func BenchmarkCompare(b *testing.B) {
	p, q := texture(1, 1024, 1024), texture(2, 1000, 1000)
	seen(p, q, turnedBy(20, 0.6, 300, 100), nil, 0.9, 4)
	x, y := New(p), New(q)
	b.ReportMetric(float64(len(x.set.Points)), "keypoints")
	for b.Loop() {
		Compare(x, y, Options{})
	}
}
