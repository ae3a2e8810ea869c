package main

import (
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/picture"
)

func TestALibraryIsInstalledAsItsSystemDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		release, library, want string
	}{
		{"PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\n", "libheif", "install it with `sudo apt-get install libheif1`"},
		{"ID=ubuntu\nID_LIKE=debian\n", "libjpeg-turbo", "install it with `sudo apt-get install libjpeg-turbo8`"},
		{"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "libjxl", "install it with `sudo apt-get install libjxl-tools`"},
		{"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "OpenJPEG", "install it with `sudo dnf install openjpeg2`"},
		{"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "librsvg", "install it with `sudo zypper install librsvg-2-2`"},
		{"ID=manjaro\nID_LIKE=arch\n", "librsvg", "install it with `sudo pacman -S librsvg`"},
		{"ID=void\n", "libjxl", "install libjxl"},
		{"", "libjxl", "install libjxl"},
	} {
		if got := libraryRemedy(c.library, osRelease([]byte(c.release))); got != c.want {
			t.Errorf("%q, %s: %q, want %q", c.release, c.library, got, c.want)
		}
	}
	if got := libraryRemedy("libjxl", []string{"macos"}); got != "install it with `brew install jpeg-xl`" {
		t.Errorf("macOS: %q", got)
	}
}

// Every library that the decoders use has a package wherever one is known.
func TestEveryDecoderHasAPackage(t *testing.T) {
	t.Parallel()
	var libraries []string
	for _, d := range append(picture.Decoders(), container.Programs()...) {
		libraries = append(libraries, d.Name)
		for _, p := range packagers {
			if p.packages[d.Name] == "" {
				t.Errorf("%s: no package for %v", d.Name, p.systems)
			}
		}
	}
	for _, p := range packagers {
		for library := range p.packages {
			if !slices.Contains(libraries, library) {
				t.Errorf("%v: there is no decoder %s", p.systems, library)
			}
		}
	}
}
