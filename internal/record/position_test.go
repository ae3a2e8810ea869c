package record_test

import (
	"math"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

func TestDistancesAreThoseOfAGreatCircle(t *testing.T) {
	t.Parallel()
	const degree = 111.19508 // kilometres of one degree of a great circle: 2 pi 6371.0088 / 360
	for _, x := range []struct {
		why          string
		a, b         record.Position
		want, within float64
	}{
		{"Nashville to Los Angeles, as Rosetta Code's “Haversine formula” has it: 2887.2599506 km with a radius of 6372.8",
			record.Position{Latitude: 36.12, Longitude: -86.67}, record.Position{Latitude: 33.94, Longitude: -118.40}, 2887.2599506 * 6371.0088 / 6372.8, 1e-4},
		{"Land's End to John o' Groats, as movable-type.co.uk has it",
			record.Position{Latitude: 50 + 3./60 + 59./3600, Longitude: -(5 + 42./60 + 53./3600)}, record.Position{Latitude: 58 + 38./60 + 38./3600, Longitude: -(3 + 4./60 + 12./3600)}, 968.9, 0.05},
		{"a degree along the equator", record.Position{}, record.Position{Longitude: 1}, degree, 1e-3},
		{"a degree along a meridian", record.Position{Latitude: 47.5, Longitude: 19}, record.Position{Latitude: 48.5, Longitude: 19}, degree, 1e-3},
		{"across the antimeridian", record.Position{Longitude: 179.5}, record.Position{Longitude: -179.5}, degree, 1e-3},
		{"over the pole", record.Position{Latitude: 89.5}, record.Position{Latitude: 89.5, Longitude: 180}, degree, 1e-3},
		{"the pole has every longitude", record.Position{Latitude: -90, Longitude: 12}, record.Position{Latitude: -90, Longitude: -77}, 0, 1e-9},
		{"antipodes: half of the way around", record.Position{Latitude: 12, Longitude: 34}, record.Position{Latitude: -12, Longitude: -146}, 180 * degree, 0.01},
		{"a metre is no rounding error", record.Position{Latitude: 48, Longitude: 2}, record.Position{Latitude: 48.00001, Longitude: 2}, degree / 1e5, 1e-6},
		{"the same place", record.Position{Latitude: 48, Longitude: 2}, record.Position{Latitude: 48, Longitude: 2}, 0, 0},
	} {
		for _, got := range []float64{x.a.Kilometres(x.b), x.b.Kilometres(x.a)} {
			if !(math.Abs(got-x.want) <= x.within) {
				t.Errorf("%s: %.6f km, want %.6f", x.why, got, x.want)
			}
		}
		if south, north := x.a.Latitudes(x.want); x.b.Latitude < south || x.b.Latitude > north {
			t.Errorf("%s: %g is not between %g and %g", x.why, x.b.Latitude, south, north)
		}
	}
	if south, north := (record.Position{Latitude: 60}).Latitudes(1e9); south != -90 || north != 90 {
		t.Errorf("a distance beyond the poles: %g to %g", south, north)
	}
}

func TestBoxes(t *testing.T) {
	t.Parallel()
	italy, pacific, world := record.Box{South: 35.4, West: 6.6, North: 47.1, East: 18.6}, record.Box{South: -20, West: 170, North: 10, East: -150}, record.Box{South: -90, West: -180, North: 90, East: 180}
	for _, x := range []struct {
		why  string
		box  record.Box
		at   record.Position
		want bool
	}{
		{"Rome", italy, record.Position{Latitude: 41.9, Longitude: 12.5}, true},
		{"Paris", italy, record.Position{Latitude: 48.9, Longitude: 2.3}, false},
		{"Madrid, which is as far north", italy, record.Position{Latitude: 40.4, Longitude: -3.7}, false},
		{"a corner", italy, record.Position{Latitude: 35.4, Longitude: 6.6}, true},
		{"west of the antimeridian", pacific, record.Position{Latitude: -17, Longitude: 178}, true},
		{"east of it", pacific, record.Position{Latitude: -14, Longitude: -171}, true},
		{"on it", pacific, record.Position{Longitude: 180}, true},
		{"on it, as others write it", pacific, record.Position{Longitude: -180}, true},
		{"on the other side of the Earth", pacific, record.Position{Longitude: 0}, false},
		{"on the western edge of a box that begins there, written as the eastern one", record.Box{South: -1, West: -180, North: 1, East: -170}, record.Position{Longitude: 180}, true},
		{"a pole", world, record.Position{Latitude: 90, Longitude: 180}, true},
	} {
		if got := x.box.Has(x.at); got != x.want {
			t.Errorf("%s: %v", x.why, got)
		}
	}
}
