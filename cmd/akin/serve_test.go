package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/akin-search/akin/client"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// The command says where it listens, answers there, and ends when it is told to.
func TestServeAnswersUntilItIsTold(t *testing.T) {
	t.Setenv("AKIN_HOME", t.TempDir())
	t.Setenv("AKIN_TOKEN", "s3cret")
	told, says := io.Pipe()
	a := &app{out: io.Discard, err: says, screen: term.Detect(io.Discard), console: term.Detect(io.Discard)}
	root := a.root()
	root.SetArgs([]string{"serve", "--listen", "127.0.0.1:0"})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	line, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, told)
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
	if err := a.askReady(ctx, address); err != nil {
		t.Error(err)
	}
	c, err := client.New(address, client.Options{Token: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	if made, err := c.CreateCollection(ctx, "shop"); err != nil || made.Name != "shop" || made.Pictures != 0 {
		t.Errorf("%+v, %v", made, err)
	}
	if all, err := c.Collections(ctx); err != nil || len(all) != 1 || all[0].Name != "shop" {
		t.Errorf("%+v, %v", all, err)
	}
	if answer, err := http.Get(address + "/api/v1/collections"); err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %v, %v", answer, err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	if err := a.askReady(t.Context(), address); err == nil {
		t.Error("a server that ended is ready")
	}
}
