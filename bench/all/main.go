//go:build unix

// Command all runs every program of bench/ on a small job, writes what they measured to a file in bench/results,
// and the table of docs/speed.md from it. Rows that are more than a tenth worse than in the machine's last file
// are told.
//
//	scripts/bench [-only index,search] [-limit 20m]
//	go run ./bench/all -table bench/results/FILE.json
//
// A program that cannot run, for want of a peer or of time, is left out: the file and the table say why.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/akin-search/akin/bench/internal/result"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	var b bench
	flag.StringVar(&b.work, "work", "bench/.work", "folder for what the programs make")
	flag.StringVar(&b.results, "results", "bench/results", "folder of the results")
	flag.StringVar(&b.python, "python", "bench/.venv/bin/python", "Python with the packages of scripts/bench-venv")
	flag.StringVar(&b.page, "page", "docs/speed.md", "page with the table; \"\" for none")
	flag.StringVar(&b.drawing, "growth-out", "docs/images/search-growth-small", "file of the growth of searches, without .csv and .svg")
	only := flag.String("only", "", "programs to run, with commas; their rows replace those of today's file")
	limit := flag.Duration("limit", 20*time.Minute, "of all programs together")
	table := flag.String("table", "", "measure nothing: write the page from this file of results")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q; -only %s runs some of the programs", flag.Arg(0), strings.Join(flag.Args(), ","))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *table != "" {
		err = b.writePage(*table)
	} else {
		timed, cancel := context.WithTimeout(ctx, *limit)
		defer cancel()
		err = b.run(timed, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' }))
	}
	if err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	work, results, python, page, drawing string
}

func (b *bench) run(ctx context.Context, only []string) error {
	started := time.Now()
	now := result.File{Date: started.Format(time.DateOnly), Machine: result.ThisMachine(), LeftOut: map[string]string{}}
	last, ok, err := result.Last(b.results, now.Machine)
	if err != nil {
		return err
	}
	now.Versions, err = b.versions(ctx)
	if err != nil {
		return err
	}
	var parts []result.Part
	for _, p := range programs {
		if len(only) > 0 && !slices.Contains(only, p.name) {
			continue
		}
		part, err := b.measure(ctx, p)
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		if err != nil {
			now.LeftOut[p.name] = err.Error()
			fmt.Fprintf(os.Stderr, "bench: %s is left out: %v\n", p.name, err)
			continue
		}
		parts = append(parts, part)
	}
	if len(only) > 0 && ok && last.Date == now.Date {
		now = with(last, now, only)
	}
	now.Join(parts...)
	now.Seconds += time.Since(started).Seconds()
	path, err := now.Write(b.results)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s%.0f seconds; %s\n", now.Table(), now.Seconds, path)
	if ok {
		tell(last, now)
	}
	return b.writePage(path)
}

// with is now, with what today's last file has of programs that are not run again.
func with(last, now result.File, only []string) result.File {
	now.Rows, now.Rates, now.Seconds = slices.Clone(last.Rows), last.Rates, last.Seconds
	versions, leftOut := maps.Clone(last.Versions), maps.Clone(last.LeftOut)
	maps.Copy(versions, now.Versions)
	for _, name := range only {
		delete(leftOut, name)
	}
	maps.Copy(now.LeftOut, leftOut)
	now.Versions = versions
	return now
}

// tell prints which rows are worse than the last time.
func tell(last, now result.File) {
	worse := result.Regressions(last, now)
	if len(worse) == 0 {
		fmt.Printf("No row is more than a tenth worse than on %s.\n", last.Date)
		return
	}
	fmt.Printf("More than a tenth worse than on %s, and their best peer since then:\n", last.Date)
	for _, r := range worse {
		fmt.Println("  " + r.String())
	}
}

// measure runs a program and reads what it wrote.
func (b *bench) measure(ctx context.Context, p program) (result.Part, error) {
	dir := filepath.Join(b.work, "parts")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return result.Part{}, err
	}
	file := filepath.Join(dir, p.name+".json")
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return result.Part{}, err
	}
	command, err := p.command(ctx, b, file)
	if err != nil {
		return result.Part{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with its engines
	cmd.WaitDelay = 10 * time.Second
	fmt.Fprintf(os.Stderr, "%s %s\n", time.Now().Format(time.TimeOnly), strings.Join(command, " "))
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("it took longer than %s", p.limit)
		}
		return result.Part{}, err
	}
	part, err := result.ReadPart(file)
	if err == nil && len(part.Rows) == 0 {
		err = errors.New("it measured nothing, and said why")
	}
	return part, err
}

// The table of the page lies between these lines.
const (
	begin = "<!-- The table is made by bench/all from "
	end   = "<!-- end of the table -->"
)

// writePage replaces the table of the page by that of a file of results.
func (b *bench) writePage(path string) error {
	if b.page == "" {
		return nil
	}
	old, err := os.ReadFile(b.page)
	if err != nil {
		return err
	}
	f, err := result.Read(path)
	if err != nil {
		return err
	}
	text, err := replaceTable(string(old), filepath.ToSlash(path), f.Table())
	if err != nil {
		return fmt.Errorf("%s: %w", b.page, err)
	}
	return os.WriteFile(b.page, []byte(text), 0o666)
}

func replaceTable(page, path, table string) (string, error) {
	head, rest, found := strings.Cut(page, begin)
	_, tail, ends := strings.Cut(rest, end)
	if !found || !ends {
		return "", errors.New("it has no place for the table")
	}
	return head + begin + path + ". -->\n\n" + table + "\n" + end + tail, nil
}
