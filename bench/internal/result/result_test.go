package result

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The ratio is to the best peer as it comes, of the best rounds and of the medians each; by hand.
func TestTheRatioIsToTheBestPeerAsItComes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		row  Row
		want *Ratio
	}{
		{"of times the least is best", Row{Unit: Milliseconds, Akin: Measure{2, 4}, Peers: []Peer{
			{Name: "a", Measure: Measure{6, 20}}, {Name: "b", Measure: Measure{8, 8}},
		}}, &Ratio{"a", 3, 2}},
		{"of rates the most is best", Row{Unit: PerSecond, Akin: Measure{100, 90}, Peers: []Peer{
			{Name: "a", Measure: Measure{20, 18}}, {Name: "b", Measure: Measure{50, 45}},
		}}, &Ratio{"b", 2, 2}},
		{"what is told float32 is no peer as it comes", Row{Unit: Seconds, Akin: Measure{2, 2}, Peers: []Peer{
			{Name: "a", Measure: Measure{1, 1}, Told: "float32"}, {Name: "b", Measure: Measure{3, 3}},
		}}, &Ratio{"b", 1.5, 1.5}},
		{"nobody else did it", Row{Unit: Seconds, Akin: Measure{2, 2}}, nil},
		{"a peer that found nothing", Row{Unit: Percent, Akin: Measure{2, 2}, Peers: []Peer{{Name: "a"}}}, nil},
	} {
		var p Part
		p.Add(c.row)
		got := p.Rows[0].Ratio
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
}

func TestTheBestOfTimesIsTheLeastAndOfRatesTheMost(t *testing.T) {
	t.Parallel()
	if m := Of([]float64{3, 1, 2}); m != (Measure{1, 2}) {
		t.Errorf("times: %v", m)
	}
	if m := OfMost([]float64{3, 1, 2}); m != (Measure{3, 2}) {
		t.Errorf("rates: %v", m)
	}
}

// Told are rows that are more than a tenth worse than the last time, with what became of their peers.
func TestRegressionsAreTold(t *testing.T) {
	t.Parallel()
	row := func(name string, unit Unit, akin, peer float64) Row {
		return Row{Name: name, Unit: unit, Akin: Measure{akin, akin}, Peers: []Peer{{Name: "p", Measure: Measure{peer, peer}}}}
	}
	before := File{Rows: []Row{
		row("slower", Seconds, 1, 2), row("within", Seconds, 1, 2), row("faster", Seconds, 1, 2),
		row("fewer", PerSecond, 100, 10), row("gone", Seconds, 1, 2), row("another unit", Seconds, 1, 2), row("zero", Seconds, 0, 0),
	}}
	now := File{Rows: []Row{
		row("slower", Seconds, 1.2, 3), row("within", Seconds, 1.09, 2), row("faster", Seconds, 0.5, 2),
		row("fewer", PerSecond, 50, 10), row("new", Seconds, 9, 9), row("another unit", Milliseconds, 1000, 9), row("zero", Seconds, 1, 1),
	}}
	var got []string
	for _, g := range Regressions(before, now) {
		got = append(got, g.String())
	}
	want := []string{
		"fewer: 50.0 a second, before 100 a second: 100 % worse; p: 0 % better",
		"slower: 1.20 s, before 1.00 s: 20 % worse; p: 50 % worse",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A file is found again as its machine's last; other machines' and later programs' are not.
func TestTheLastResultIsThatOfTheSameMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := Machine{Processor: "Intel(R) Xeon(R) Processor", Cores: 2, Features: []string{"avx2", "avx512_bf16"}}
	b := a
	b.Features = append(slices.Clone(a.Features), "amx_bf16")
	for _, f := range []File{
		{Date: "2026-11-29", Machine: a}, {Date: "2026-11-30", Machine: a, Rows: []Row{{Name: "r", Akin: Measure{1, 2}}}}, {Date: "2026-12-01", Machine: b},
	} {
		if _, err := f.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "2026-11-30-intel-xeon-processor-2-cores-avx512bf16.json")); err != nil {
		t.Error(err)
	}
	f, ok, err := Last(dir, a)
	if err != nil || !ok || f.Date != "2026-11-30" || len(f.Rows) != 1 || f.Rows[0].Akin.Median != 2 {
		t.Errorf("the last is %+v, %v, %v", f, ok, err)
	}
	b.Cores = 64
	if _, ok, err := Last(dir, b); ok || err != nil {
		t.Errorf("a machine that was never measured: %v, %v", ok, err)
	}
	if _, ok, err := Last(filepath.Join(dir, "absent"), a); ok || err != nil {
		t.Errorf("no folder: %v, %v", ok, err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "2026-12-02-"+a.Name()+".json"), []byte(`{"date": "2026-12-02", "speed": 1}`), 0o666))
	if _, _, err := Last(dir, a); err == nil {
		t.Error("a file of another shape was read")
	}
}

// The limit is the one that takes longest on that machine; by hand.
func TestTheTableTellsTheLimitThatBinds(t *testing.T) {
	t.Parallel()
	f := File{Date: "2026-11-30", Machine: Machine{Processor: "X", Cores: 2, Features: []string{"avx2"}, Memory: 8 << 30, System: "linux/amd64"}}
	f.Rates = Limit{Operations: 200e9, Bytes: 20e9}
	f.Versions = map[string]string{"b": "2", "a": "1"}
	f.LeftOut = map[string]string{"serve": "wrk is missing"}
	var p Part
	p.Add(Row{What: "one", Unit: Milliseconds, Akin: Measure{50, 60}, Peers: []Peer{{Name: "P", Measure: Measure{100, 90}}}, Limit: &Limit{Operations: 8e9, Bytes: 400e6}})
	p.Add(Row{What: "two", Unit: PerSecond, Akin: Measure{1198, 1000}, Limit: &Limit{Bytes: 2e6, Disk: 1}})
	p.Add(Row{What: "three", Unit: Percent, Akin: Measure{99.5, 99}})
	f.Rows = p.Rows
	want := `X, 2 cores (avx2), 8 GB of memory, linux/amd64, 2026-11-30. It gives 200 Gop/s of float32, 20.0 GB/s from memory.
Versions: a 1, b 2.

| job | akin | best peer as it comes | ratio | by the medians | limit |
|---|---|---|---|---|---|
| one | 50.0 ms | P: 100 ms | 2.00 | 1.50 | 40.0 ms: 8.00 Gop of float32 |
| two | 1198 a second |  |  |  | 10000 a second: 2.00 MB from memory |
| three | 99.5 % |  |  |  |  |

Left out:

- serve: wrk is missing
`
	if got := f.Table(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
