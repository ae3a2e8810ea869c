package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // at -profile
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	serving "github.com/akin-search/akin/internal/server"
)

// child is the server of akin serve with Go's profiles at another address. The command itself has none: whoever can
// read them learns what it serves.
func child(args []string) error {
	flags := flag.NewFlagSet("child", flag.ExitOnError)
	collection := flags.String("collection", "", "")
	listen := flags.String("listen", "", "")
	profile := flags.String("profile", "", "")
	_ = flags.Parse(args) // it exits
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := serving.New(ctx, serving.Options{Collection: *collection})
	if err != nil {
		return err
	}
	defer s.Close()
	profiles, err := net.Listen("tcp", *profile)
	if err != nil {
		return err
	}
	go http.Serve(profiles, nil) // until the process ends
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// profiled is akin serve as a child, whose profiles are at the port that is returned. It uses so many cores; 0 is all.
func (b *bench) profiled(cores int) (s *server, profile int, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	s, profile = b.akin(), freePort()
	s.cmd = exec.Command(self, "child", "-collection", b.collection(), "-listen", fmt.Sprintf("127.0.0.1:%d", s.port), "-profile", fmt.Sprintf("127.0.0.1:%d", profile))
	if cores > 0 {
		s.cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(cores))
	}
	s.path = "/api/v1/collections/" + filepath.Base(b.collection()) + "/search?top=10"
	return s, profile, nil
}
