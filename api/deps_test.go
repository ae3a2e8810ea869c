package api

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Programs that need the types, or ask a server, link neither C nor the engines: without cgo, and with
// no package but those of the standard library and these.
func TestDependencies(t *testing.T) {
	for pkg, allowed := range map[string][]string{
		"github.com/akin-search/akin/api":    {"/api"},
		"github.com/akin-search/akin/client": {"/api", "/client"},
	} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dep := range strings.Fields(string(out)) {
			room, ours := strings.CutPrefix(dep, "github.com/akin-search/akin")
			if !ours || !slices.Contains(allowed, room) {
				t.Errorf("%s needs %s", pkg, dep)
			}
		}
		build := exec.Command("go", "build", pkg)
		build.Env = cmd.Env
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("build %s without cgo: %v\n%s", pkg, err, out)
		}
	}
}
