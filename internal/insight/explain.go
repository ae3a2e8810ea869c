package insight

import (
	"math"

	"github.com/akin-search/akin/internal/simd"
)

// MeanParts splits the cosine of two embeddings into the contributions of places: the first embedding is the
// mean of places, (places, dim), and the contributions sum to the cosine. other is a unit vector.
//
// With a the mean of f_p, cos(a, b) = Σ f_p·b / (n·|a|·|b|): Stylianou, Souvenir and Pless,
// "Visualizing Deep Similarity Networks", WACV 2019.
func MeanParts(places, other []float32) []float64 {
	dim := len(other)
	n := len(places) / dim
	mean := make([]float64, dim)
	for i, v := range places {
		mean[i%dim] += float64(v) / float64(n)
	}
	length := 0.
	for _, v := range mean {
		length += v * v
	}
	length = math.Sqrt(length)
	parts := make([]float64, n)
	if length == 0 {
		return parts
	}
	for p := range parts {
		parts[p] = float64(simd.Dot(places[p*dim:(p+1)*dim], other)) / (float64(n) * length)
	}
	return parts
}

// Counterparts returns for each of a's tokens, (n, dim), its highest cosine with any of b's: whether what one
// picture shows in a place is anywhere in the other. Zero tokens have no counterpart.
func Counterparts(a, b []float32, dim int) []float64 {
	a, b = units(a, dim), units(b, dim)
	out := make([]float64, len(a)/dim)
	for i := range out {
		out[i] = -1
		for j := range len(b) / dim {
			out[i] = max(out[i], float64(simd.Dot(a[i*dim:(i+1)*dim], b[j*dim:(j+1)*dim])))
		}
	}
	return out
}

// units scales vectors, (n, dim), to length 1; zero vectors stay zero.
func units(v []float32, dim int) []float32 {
	out := make([]float32, len(v))
	for at := 0; at+dim <= len(v); at += dim {
		sum := 0.
		for _, x := range v[at : at+dim] {
			sum += float64(x) * float64(x)
		}
		if sum > 0 {
			length := math.Sqrt(sum)
			for i, x := range v[at : at+dim] {
				out[at+i] = float32(float64(x) / length)
			}
		}
	}
	return out
}
