package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/runtime"
)

func TestAProgramKnowsHowItWasInstalled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, program, marker, want string
	}{
		{"built in a checkout", "checkout/bin/akin", "", "checkout"},
		{"go install", "go/bin/akin", "", "bare"},
		{"an unpacked archive", "akin_0.1.0/bin/akin", "archive\n", "archive"},
		{"install.sh", "home/.local/bin/akin", "install.sh\n", "install.sh"},
		{"a .deb", "usr/bin/akin", "deb\n", "deb"},
		{"a wheel", "venv/bin/akin", "wheel\n", "wheel"},
		{"Homebrew unpacks the archive into its Cellar", "opt/homebrew/Cellar/akin/0.1.0/bin/akin", "archive\n", "homebrew"},
		{"Scoop unpacks it into its apps", "scoop/apps/akin/0.1.0/bin/akin.exe", "archive\n", "scoop"},
		{"a package of someone else's", "nix/store/x/bin/akin", "nix\n", "bare"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			program := filepath.Join(root, filepath.FromSlash(c.program))
			prefix := filepath.Dir(filepath.Dir(program))
			put(t, program, "")
			if c.want == checkout {
				put(t, filepath.Join(prefix, "scripts", "setup"), "")
			}
			if c.marker != "" {
				put(t, filepath.Join(prefix, "lib", "akin", "package"), c.marker)
			}
			if got := installationOf(program); got.name != c.want {
				t.Errorf("%s: %q, want %q", c.program, got.name, c.want)
			}
		})
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Only a checkout's remedies name make, scripts and checkouts: whoever has a package has none of them.
func TestOnlyACheckoutsRemediesNameIt(t *testing.T) {
	was := installed
	t.Cleanup(func() { installed = was })
	building := regexp.MustCompile(`make |scripts/|checkout`)
	for _, i := range installations {
		installed = func() installation { return i }
		texts := []string{i.upgrade}
		for _, err := range []error{
			&runtime.NotFoundError{}, &runtime.LibraryError{Path: "x.so"}, runtime.ErrNoOpenVINO, &runtime.DeviceError{Device: "cuda:0"},
			&models.BundledError{Model: "net"}, &model.NoWeightsError{Spec: model.Spec{Name: "net", Bundled: true}}, &models.NoReferenceError{Model: "vit"},
		} {
			r := deviceRemedy(err) + modelRemedy(err)
			if r == "" {
				t.Errorf("%s: no remedy for %T", i.name, err)
			}
			texts = append(texts, r)
		}
		for _, text := range texts {
			if found := building.FindString(text); found != "" && i.name != checkout {
				t.Errorf("installed from %s: %q names %q", i.from, text, found)
			}
		}
		if all := strings.Join(texts, " "); i.name == checkout && !strings.Contains(all, "`make setup`") {
			t.Errorf("a checkout's remedies do not name it: %s", all)
		}
	}
}

// No other file tells how something is built: a text that does is for checkouts alone.
func TestRemediesAreToldInOnePlace(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name == "installation.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, text := range regexp.MustCompile(`"[^"\n]*"`).FindAllString(readSource(t, name), -1) {
			if found := regexp.MustCompile("`?make setup|scripts/|checkout").FindString(text); found != "" {
				t.Errorf("%s: %s names %q; installation.go decides what to say", name, text, found)
			}
		}
	}
}
