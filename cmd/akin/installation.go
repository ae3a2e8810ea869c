package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// An installation is the way in which a program came onto its machine, and with it what brings back the parts that came
// with it (ONNX Runtime, the default models), and what replaces it by a newer one. Only this file tells one way from another:
// `make setup` is of no use to someone who installed a package.
type installation struct {
	name    string // as packages write it into lib/akin/package
	from    string // as a sentence names it
	restore string // what to do where a part that came with akin is absent or broken
	upgrade string // what to do to have a newer one
}

var installations = []installation{
	{checkout, "a checkout", "run `make setup` in akin's checkout", "`git pull`, and `make setup build`, in akin's checkout"},
	{"archive", "its archive", "unpack akin's archive again, with its lib/akin beside its bin", "unpack the new archive in the place of the old one"},
	{"install.sh", "install.sh", "run install.sh again", "run install.sh again"},
	{"deb", "a .deb package", "install akin's package again: `sudo apt-get install --reinstall ./akin_*.deb`", "install the new package: `sudo apt-get install ./akin_*.deb`"},
	{"rpm", "an .rpm package", "install akin's package again: `sudo dnf reinstall ./akin-*.rpm`", "install the new package: `sudo dnf install ./akin-*.rpm`"},
	{"wheel", "a Python wheel", "run `pip install --force-reinstall --no-deps akin-search` in its environment", "run `pip install --upgrade akin-search` in its environment"},
	{"homebrew", "Homebrew", "run `brew reinstall akin`", "run `brew upgrade akin`"},
	{"scoop", "Scoop", "run `scoop update --force akin`", "run `scoop update akin`"},
	{"container", "a container image", "pull akin's image again", "pull the new image"},
}

// checkout is the name of programs that were built where they lie.
const checkout = "checkout"

// bare is a program without the parts that packages bring, such as one that `go install` made.
var bare = installation{
	name: "bare", from: "a build of its own",
	restore: "install one of akin's packages, which bring it, or build akin with `make setup build` in a checkout",
	upgrade: "build the new one as this one was built, or install one of akin's packages",
}

// installed is how the running program was installed.
var installed = sync.OnceValue(func() installation {
	program, err := os.Executable()
	if err != nil {
		return bare
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	return installationOf(program)
})

// installationOf returns how a program was installed. A package leaves its kind in lib/akin/package of its prefix, which for
// Homebrew and Scoop is an archive's.
func installationOf(program string) installation {
	prefix := filepath.Dir(filepath.Dir(program))
	name := ""
	if text, err := os.ReadFile(filepath.Join(prefix, "lib", "akin", "package")); err == nil {
		name = strings.TrimSpace(string(text))
	} else if _, err := os.Stat(filepath.Join(prefix, "scripts", "setup")); err == nil {
		name = checkout
	}
	if name == "archive" {
		switch path := filepath.ToSlash(program); {
		case strings.Contains(path, "/Cellar/akin/"):
			name = "homebrew"
		case strings.Contains(path, "/scoop/apps/akin/"):
			name = "scoop"
		}
	}
	for _, i := range installations {
		if i.name == name {
			return i
		}
	}
	return bare
}

// openVINO says how to get OpenVINO, which no package has in it.
func (i installation) openVINO() string {
	if i.name == checkout {
		return "run `scripts/setup openvino` in akin's checkout, or set $AKIN_OPENVINO to libopenvino_c"
	}
	return "install OpenVINO 2026.4 or newer (`pip install openvino` has it in openvino/libs), and set $AKIN_OPENVINO to its libopenvino_c"
}

// cuda says how to get ONNX Runtime for NVIDIA cards, which no package has in it.
func (i installation) cuda() string {
	if i.name == checkout {
		return "CUDA needs an NVIDIA driver, and ONNX Runtime for CUDA: run `scripts/setup cuda` in akin's checkout, or set $AKIN_ONNXRUNTIME to it"
	}
	return "CUDA needs an NVIDIA driver, CUDA 13 with cuDNN, and ONNX Runtime for CUDA (`pip install onnxruntime-gpu` has it in onnxruntime/capi): set $AKIN_ONNXRUNTIME to its libonnxruntime"
}
