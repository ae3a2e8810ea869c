package evidence

// medianAbs estimates the median of the magnitudes from about two thousand of them.
func medianAbs(v []float32) float64 {
	return quantile(v, 0.5, 2000, func(x float32) float32 { return max(x, -x) })
}

// quantile estimates a quantile of of(v) from about most values.
func quantile(v []float32, q float64, most int, of func(float32) float32) float64 {
	stride := max(1, len(v)/most)
	some := make([]float32, 0, len(v)/stride+1)
	for i := 0; i < len(v); i += stride {
		some = append(some, of(v[i]))
	}
	if len(some) == 0 {
		return 0
	}
	return float64(nth(some, min(len(some)-1, int(q*float64(len(some))))))
}

// nth returns the value that sorting would put at index k, by Hoare's quickselect (1961). It reorders v.
func nth(v []float32, k int) float32 {
	low, high := 0, len(v)-1
	for high-low > 2 {
		a, b, c := v[low], v[low+(high-low)/2], v[high]
		pivot := max(min(a, b), min(max(a, b), c)) // the middle one of three
		i, j := low, high
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return v[k]
		}
	}
	for i := low + 1; i <= high; i++ {
		for j := i; j > low && v[j] < v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
	return v[k]
}
