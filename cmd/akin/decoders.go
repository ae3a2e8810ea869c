package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A packager installs libraries on a kind of system. Names are those of packages that stay the same from one version of
// the system to the next: Debian's libjxl-tools depends on libjxl0.7 or libjxl0.11, whichever it has.
type packager struct {
	systems  []string // IDs of /etc/os-release; "macos"
	command  string
	packages map[string]string // by library, as packages picture and container call it
}

var packagers = []packager{
	{[]string{"debian", "ubuntu"}, "sudo apt-get install", map[string]string{
		"libjpeg-turbo": "libjpeg62-turbo", "libheif": "libheif1", "librsvg": "librsvg2-2", "libjxl": "libjxl-tools", "OpenJPEG": "libopenjp2-7",
		"LibRaw": "libraw-bin", "FFmpeg": "ffmpeg", "Poppler": "poppler-utils"}},
	{[]string{"fedora", "rhel"}, "sudo dnf install", map[string]string{
		"libjpeg-turbo": "libjpeg-turbo", "libheif": "libheif", "librsvg": "librsvg2", "libjxl": "libjxl", "OpenJPEG": "openjpeg2",
		"LibRaw": "LibRaw", "FFmpeg": "ffmpeg-free", "Poppler": "poppler-utils"}},
	{[]string{"suse", "opensuse"}, "sudo zypper install", map[string]string{
		"libjpeg-turbo": "libjpeg8", "libheif": "libheif1", "librsvg": "librsvg-2-2", "libjxl": "libjxl-tools", "OpenJPEG": "libopenjp2-7",
		"LibRaw": "libraw-devel", "FFmpeg": "ffmpeg", "Poppler": "poppler-tools"}},
	{[]string{"arch"}, "sudo pacman -S", map[string]string{
		"libjpeg-turbo": "libjpeg-turbo", "libheif": "libheif", "librsvg": "librsvg", "libjxl": "libjxl", "OpenJPEG": "openjpeg2",
		"LibRaw": "libraw", "FFmpeg": "ffmpeg", "Poppler": "poppler"}},
	{[]string{"macos"}, "brew install", map[string]string{
		"libjpeg-turbo": "jpeg-turbo", "libheif": "libheif", "librsvg": "librsvg", "libjxl": "jpeg-xl", "OpenJPEG": "openjpeg",
		"LibRaw": "libraw", "FFmpeg": "ffmpeg", "Poppler": "poppler"}},
}

// systemNames are what the running system calls itself and what it is like, the closest first.
var systemNames = sync.OnceValue(func() []string {
	if runtime.GOOS == "darwin" {
		return []string{"macos"}
	}
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		text, _ = os.ReadFile("/usr/lib/os-release")
	}
	return osRelease(text)
})

// osRelease returns ID and ID_LIKE.
func osRelease(text []byte) []string {
	var id, like []string
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		switch value = strings.Trim(value, `"'`); name {
		case "ID":
			id = strings.Fields(value)
		case "ID_LIKE":
			like = strings.Fields(value)
		}
	}
	return slices.Concat(id, like)
}

// libraryRemedy says how a library of package picture is installed on a system of these names.
func libraryRemedy(library string, names []string) string {
	for _, name := range names {
		for _, p := range packagers {
			if !slices.Contains(p.systems, name) {
				continue
			}
			pkg := p.packages[library]
			if library == "libjpeg-turbo" && name == "ubuntu" {
				pkg = "libjpeg-turbo8"
			}
			return fmt.Sprintf("install it with `%s %s`", p.command, pkg)
		}
	}
	return "install " + library
}
