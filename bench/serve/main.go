// Command serve measures searches by name over HTTP: akin serve beside a server of FastAPI and
// FAISS (peer.py) that does the same, on the same vectors, in turns, under wrk.
//
//	scripts/bench-serve [-rows 100k] [-dim 1280] [-rounds 3] [-time 10s] [-connections 16]
//	scripts/bench-serve -soak 10m
//	scripts/bench-serve -shares [-recalls 1,0.99] [-cores 2]
//
// -soak lets akin alone be asked, and reports its memory every tenth of the time. -shares lets akin alone be asked under
// a profile, and reports what its time goes to.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	if len(os.Args) > 1 && os.Args[1] == "child" {
		if err := child(os.Args[2:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	var b bench
	flag.IntVar(&b.rows, "rows", 100_000, "pictures of the collection")
	flag.IntVar(&b.dim, "dim", 1280, "values of a vector")
	flag.IntVar(&b.rounds, "rounds", 3, "how often the servers take turns")
	flag.DurationVar(&b.time, "time", 10*time.Second, "of one measurement")
	flag.IntVar(&b.connections, "connections", 16, "clients at once")
	flag.StringVar(&b.work, "work", "bench/.work/serve", "folder for vectors and the collection")
	flag.StringVar(&b.python, "python", "bench/.venv/bin/python", "Python with bench/serve/requirements.txt installed")
	soak := flag.Duration("soak", 0, "ask akin alone for so long, and tell its memory")
	shares := flag.Bool("shares", false, "ask akin alone, and tell what its time goes to")
	recalls := flag.String("recalls", "1,0.99", "target recalls that -shares asks for, with commas")
	cores := flag.Int("cores", 0, "cores that -shares lets akin use; 0 is all")
	flag.StringVar(&b.file, "result", "", "write the rows to this file")
	flag.Parse()
	err := b.prepare()
	switch {
	case err != nil:
	case *soak > 0:
		err = b.soak(*soak)
	case *shares:
		err = b.shares(strings.Split(*recalls, ","), *cores)
	default:
		err = b.compare()
	}
	if err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	rows, dim, rounds, connections int
	time                           time.Duration
	work, python, file             string
}

func (b *bench) vectors() string    { return filepath.Join(b.work, b.set()+".npy") }
func (b *bench) names() string      { return filepath.Join(b.work, b.set()+".txt") }
func (b *bench) collection() string { return filepath.Join(b.work, b.set()+".akin") }
func (b *bench) set() string        { return fmt.Sprintf("clustered-%d-%d", b.rows, b.dim) }

// prepare makes the vectors and puts them into a collection, once.
func (b *bench) prepare() error {
	draw := exec.Command(b.python, "bench/search/make.py", b.work, b.set())
	draw.Stderr = os.Stderr
	if err := draw.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(draw.Args, " "), err)
	}
	var names bytes.Buffer
	for i := range b.rows {
		fmt.Fprintf(&names, "p%06d\n", i)
	}
	if err := os.WriteFile(b.names(), names.Bytes(), 0o666); err != nil {
		return err
	}
	if _, err := os.Stat(b.collection()); err == nil {
		return nil
	}
	partial := b.collection() + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	fill := exec.Command("bin/akin", "import", "--collection", partial, "--model", "made", "--names", b.names(), b.vectors())
	fill.Stdout, fill.Stderr = os.Stderr, os.Stderr
	if err := fill.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(fill.Args, " "), err)
	}
	return os.Rename(partial, b.collection())
}

// server is a program to measure.
type server struct {
	name string
	port int
	path string // of a search, up to the picture's name
	cmd  *exec.Cmd
}

func (b *bench) akin() *server {
	port := freePort()
	return &server{
		name: "akin serve", port: port, path: "/api/v1/collections/" + filepath.Base(b.collection()) + "/search?top=10&q=",
		cmd: exec.Command("bin/akin", "serve", "--quiet", "--no-token", "--collection", b.collection(), "--listen", fmt.Sprintf("127.0.0.1:%d", port)),
	}
}

// peer is the server of FastAPI with so many processes, which share the machine's cores.
func (b *bench) peer(workers, threads int) *server {
	port := freePort()
	cmd := exec.Command(b.python, "-m", "uvicorn", "--app-dir", "bench/serve", "--log-level", "warning", "--no-access-log",
		"--port", strconv.Itoa(port), "--workers", strconv.Itoa(workers), "peer:app")
	cmd.Env = append(os.Environ(), "PEER_VECTORS="+b.vectors(), "PEER_NAMES="+b.names(), fmt.Sprintf("PEER_THREADS=%d", threads))
	name := fmt.Sprintf("FastAPI + FAISS, processes: %d, threads of FAISS: %d", workers, threads)
	return &server{name: name, port: port, path: "/search?top=10&q=", cmd: cmd}
}

// freePort is a port that nobody listens at now.
func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *server) address() string { return fmt.Sprintf("http://127.0.0.1:%d", s.port) }

func (s *server) start() error {
	s.cmd.Stderr = os.Stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	for range 600 {
		if response, err := http.Get(s.address() + s.path + "p000000"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("%s does not answer within a minute", s.name), s.stop())
}

func (s *server) stop() error {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM)
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) { // a signal is what was sent
		return err
	}
	return nil
}

// memory is what the server's processes hold: all of it, and without the pages of files,
// which the system takes back when others need them.
func (s *server) memory() (all, anonymous int64) {
	members, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range members {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) < 3 || fields[2] != strconv.Itoa(s.cmd.Process.Pid) { // the group
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(path), "status"))
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(bytes.NewReader(status))
		for lines.Scan() {
			var kilobytes int64
			if _, err := fmt.Sscanf(lines.Text(), "VmRSS: %d", &kilobytes); err == nil {
				all += kilobytes << 10
			}
			if _, err := fmt.Sscanf(lines.Text(), "RssAnon: %d", &kilobytes); err == nil {
				anonymous += kilobytes << 10
			}
		}
	}
	return all, anonymous
}

// measured is one run of wrk.
type measured struct {
	answers  float64
	rate     float64 // answers a second
	p50, p99 float64 // milliseconds
}

func (b *bench) ask(s *server, time time.Duration, seed int) (measured, error) {
	cmd := exec.Command("wrk", "-t", "1", "-c", strconv.Itoa(b.connections), "-d", fmt.Sprintf("%.0fs", time.Seconds()), "--timeout", "30s",
		"-s", "bench/serve/search.lua", s.address(), "--", strconv.Itoa(b.rows), s.path, strconv.Itoa(seed))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return measured{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	var requests, duration, p50, p99, refused, broken float64
	at := bytes.Index(out, []byte("RESULT "))
	if at < 0 {
		return measured{}, fmt.Errorf("wrk tells no result:\n%s", out)
	}
	if _, err := fmt.Sscanf(string(out[at:]), "RESULT %g %g %g %g %g %g", &requests, &duration, &p50, &p99, &refused, &broken); err != nil {
		return measured{}, err
	}
	if refused+broken > 0 {
		return measured{}, fmt.Errorf("%s: %.0f of %.0f requests were refused, and %.0f broke off", s.name, refused, requests, broken)
	}
	return measured{requests, requests / duration * 1e6, p50 / 1e3, p99 / 1e3}, nil
}

// compare lets the servers take turns. Each is alone on the machine while it is asked.
func (b *bench) compare() error {
	servers := []*server{b.akin(), b.peer(1, 2), b.peer(2, 1)}
	runs := map[*server][]measured{}
	memory := map[*server][2]int64{}
	for _, s := range servers {
		if err := s.start(); err != nil {
			return err
		}
		defer s.stop()
	}
	for round := range b.rounds {
		for _, s := range servers {
			m, err := b.ask(s, b.time, round)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%s %s: %.0f a second\n", time.Now().Format(time.TimeOnly), s.name, m.rate)
			runs[s] = append(runs[s], m)
			all, anonymous := s.memory()
			memory[s] = [2]int64{all, anonymous}
		}
	}
	fmt.Printf("%d pictures, %d values, the ten best of a name, %d clients at once, %d rounds of %s\n\n", b.rows, b.dim, b.connections, b.rounds, b.time)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "server\tanswers a second, most\tmedian\tp50 ms, least\tp99 ms, least\tmedian\tMB\twithout files")
	for _, s := range servers {
		rate, p50, p99 := values(runs[s], func(m measured) float64 { return m.rate }), values(runs[s], func(m measured) float64 { return m.p50 }), values(runs[s], func(m measured) float64 { return m.p99 })
		fmt.Fprintf(out, "%s\t%.0f\t%.0f\t%.2f\t%.2f\t%.2f\t%d\t%d\n", s.name, rate[len(rate)-1], rate[len(rate)/2], p50[0], p99[0], p99[len(p99)/2], memory[s][0]>>20, memory[s][1]>>20)
	}
	part := b.part(servers, runs)
	return errors.Join(out.Flush(), part.Write(b.file))
}

// values are one number of all runs, in order.
func values(runs []measured, of func(measured) float64) []float64 {
	var out []float64
	for _, m := range runs {
		out = append(out, of(m))
	}
	slices.Sort(out)
	return out
}

func (b *bench) soak(whole time.Duration) error {
	const parts = 10
	s := b.akin()
	if err := s.start(); err != nil {
		return err
	}
	defer s.stop()
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "after\tanswers a second\tp50 ms\tp99 ms\tMB\twithout files")
	started := time.Now()
	for part := range parts {
		m, err := b.ask(s, whole/parts, part)
		if err != nil {
			return err
		}
		all, anonymous := s.memory()
		fmt.Fprintf(os.Stderr, "%s %.0f a second, %d MB\n", time.Now().Format(time.TimeOnly), m.rate, all>>20)
		fmt.Fprintf(out, "%s\t%.0f\t%.2f\t%.2f\t%d\t%d\n", time.Since(started).Round(time.Second), m.rate, m.p50, m.p99, all>>20, anonymous>>20)
	}
	return out.Flush()
}
