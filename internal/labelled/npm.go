package labelled

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/glob"
)

// npmPack downloads a package's archive with the npm of this machine, from the registry and through the
// proxy that the user has configured. No script of a package is run.
func npmPack(ctx context.Context, pkg, folder string) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", &NoClientError{pkg}
	}
	c := exec.CommandContext(ctx, npm, "pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder, pkg)
	c.Dir = folder // not the project that the user happens to be in
	c.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", &ClientError{pkg, npmDetail(stdout.Bytes(), stderr.String(), err)}
	}
	found, err := glob.Files(folder, "*.tgz")
	if err == nil && len(found) != 1 {
		err = errors.New("it left no archive")
	}
	if err != nil {
		return "", &ClientError{pkg, err.Error()}
	}
	return found[0], nil
}

// npmDetail returns one line of what npm says about an error.
func npmDetail(stdout []byte, stderr string, err error) string {
	var report struct {
		Error struct{ Code, Summary string }
	}
	if json.Unmarshal(stdout, &report) == nil && report.Error.Summary != "" {
		line, _, _ := strings.Cut(report.Error.Summary, "\n")
		return strings.TrimSpace(report.Error.Code + " " + strings.TrimPrefix(line, report.Error.Code+": "))
	}
	said := ""
	for line := range strings.Lines(stderr) {
		if text := strings.TrimSpace(line); text != "" {
			said = cmp.Or(said, text)
		}
	}
	return cmp.Or(said, err.Error())
}
