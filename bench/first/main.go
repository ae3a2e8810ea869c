//go:build linux

// Command first measures how long a first answer takes: akin search with a photograph, and akin index of one new
// picture, from exec to exit. Cold is with nothing of the model in memory, beside the system's own time to read
// the weights that the embedding needs; warm is the second time.
//
//	go run ./bench/first [-models clip-vit-base-patch32,…] [-rounds 3] [-all]
//
// The peer is a Python program that answers the same with Pillow and ONNX Runtime on the graph that torch
// exported (peer.py); bench/models exports it, and where it did not there is no peer. Without -all only the files that count are
// dropped from memory, and those that another process has mapped stay there: the column "read MB" tells what really
// came from disk.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/akin-search/akin/bench/internal/result"
	"github.com/akin-search/akin/internal/model"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	var b bench
	models := flag.String("models", "efficientnet-lite0,clip-vit-base-patch32,dinov2-base", "models to measure")
	flag.IntVar(&b.rounds, "rounds", 3, "rounds of each")
	flag.BoolVar(&b.all, "all", false, "drop all files from memory, not only those that count: needs root, and slows all that runs beside")
	flag.StringVar(&b.work, "work", "bench/.work/first", "folder for collections and pictures")
	flag.StringVar(&b.akin, "akin", "bin/akin", "akin")
	flag.StringVar(&b.python, "python", "bench/.venv/bin/python", "Python with ONNX Runtime and Pillow; may be absent")
	folders := flag.String("checkpoints", "bench/.work/models"+string(os.PathListSeparator)+".deps/models", "folders of the models' folders")
	file := flag.String("result", "", "write the rows to this file")
	flag.Parse()
	b.folders = filepath.SplitList(*folders)
	if err := errors.Join(b.run(strings.Split(*models, ",")), b.part.Write(*file)); err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	rounds       int
	all          bool
	akin, python string
	work         string
	folders      []string
	part         result.Part
}

func (b *bench) run(models []string) error {
	if err := os.MkdirAll(b.work, 0o777); err != nil {
		return err
	}
	fmt.Printf("%-24s %8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "seconds, least", "needs MB", "disk", "cold", "times", "read MB", "warm", "index", "Python", "its warm")
	for _, name := range models {
		m, err := b.open(name)
		if errors.Is(err, model.ErrMissing) {
			fmt.Printf("%-24s %v\n", name, err)
			continue
		} else if err != nil {
			return err
		}
		t, err := b.measure(m)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.tell(m, t)
	}
	return nil
}

// tell prints a model's line, and adds its rows.
func (b *bench) tell(m *checkpoint, t times) {
	disk, cold, warm, index := result.Of(t.disk), result.Of(t.cold), result.Of(t.warm), result.Of(t.index)
	fmt.Printf("%-24s %8.1f %8.3f %8.3f %8.2f %8.1f %8.3f %8.3f", m.name, float64(m.bytes)/1e6, disk.Best, cold.Best, cold.Best/disk.Best,
		float64(t.read)/1e6, warm.Best, index.Best)
	row := func(job, what string, akin result.Measure, peer []float64, limit *result.Limit) {
		r := result.Row{Name: "first/" + m.name + "/" + job, What: what + ", " + m.name, Unit: result.Seconds, Akin: akin, Limit: limit}
		if len(peer) > 0 {
			r.Peers = []result.Peer{{Name: "Python, Pillow and ONNX Runtime", Measure: result.Of(peer)}}
			fmt.Printf(" %8.3f", result.Of(peer).Best)
		}
		b.part.Add(r)
	}
	row("cold", "search with a photo, nothing in memory", cold, t.peerCold, &result.Limit{Disk: float64(m.bytes)})
	row("warm", "search with a photo", warm, t.peerWarm, nil)
	row("index", "index one new picture", index, nil, nil)
	fmt.Println()
	b.part.Rates.Disk = max(b.part.Rates.Disk, float64(m.bytes)/disk.Best)
}
