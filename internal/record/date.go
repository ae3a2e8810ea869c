package record

import (
	"math"
	"time"
)

// NoDate stands for the date of a picture that has none.
const NoDate = math.MinInt64

// DateOf returns a picture's date in seconds: what a clock on the wall showed, and since 1970.
func DateOf(taken string, mtime int64, local *time.Location) (clock, instant int64) {
	const layout = "2006-01-02T15:04:05"
	if len(taken) >= len(layout) {
		shown, err := time.Parse(layout, taken[:len(layout)])
		instant, err2 := time.ParseInLocation(layout, taken[:len(layout)], local)
		if len(taken) > len(layout) {
			instant, err2 = time.Parse(layout+"-07:00", taken)
		}
		if err == nil && err2 == nil {
			return shown.Unix(), instant.Unix()
		}
	}
	if mtime == 0 {
		return NoDate, NoDate
	}
	written := time.Unix(0, mtime)
	_, zone := written.In(local).Zone()
	return written.Unix() + int64(zone), written.Unix()
}
