#!/bin/sh
# Installs akin for one user, without root: it downloads the newest archive for this system, checks it, and puts the program,
# ONNX Runtime, the default models, manual pages and completion below ~/.local. Nothing is changed if the check fails.
#
#	sh install.sh [--from ADDRESS] [--prefix DIR]
#	sh install.sh --uninstall [--prefix DIR]      removes what it has installed; collections stay
#
# ADDRESS is a folder of the web with a release's files; $AKIN_INSTALL_FROM sets it too.
set -eu

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

# fetch ADDRESS FILE
fetch() {
	if command -v curl >/dev/null 2>&1; then
		curl --fail --silent --show-error --location --output "$2" "$1"
	elif command -v wget >/dev/null 2>&1; then
		wget --quiet --output-document="$2" "$1"
	else
		fail "curl or wget is needed"
	fi || fail "could not download $1"
}

sha256() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum "$1"
	elif command -v shasum >/dev/null 2>&1; then
		shasum -a 256 "$1"
	else
		fail "sha256sum or shasum is needed, to check what is downloaded"
	fi | cut -d ' ' -f 1
}

target() {
	case $(uname -s)-$(uname -m) in
	Linux-x86_64) echo linux_amd64 ;;
	Linux-aarch64 | Linux-arm64) echo linux_arm64 ;;
	Darwin-arm64) echo darwin_arm64 ;;
	*) fail "there is no archive for $(uname -s) on $(uname -m); building from source is told in docs/install.md" ;;
	esac
}

# glibc checks that a Linux has glibc 2.28 or newer.
glibc() {
	[ "$(uname -s)" = Linux ] || return 0
	version=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2)
	[ -n "$version" ] || fail "akin needs glibc, which this Linux does not have (Alpine has another C library)"
	[ "${version%%.*}" -gt 2 ] || [ "$(echo "$version" | cut -d . -f 2)" -ge 28 ] || fail "akin needs glibc 2.28 or newer, and this Linux has $version"
}

# remove PREFIX removes what an earlier run has installed there: lib/akin/installed lists it.
remove() {
	[ -f "$1/lib/akin/installed" ] || return 0
	while read -r file; do
		rm -f "$1/$file"
	done <"$1/lib/akin/installed"
	rm -f "$1/lib/akin/installed"
	find "$1/lib/akin" "$1/share/doc/akin" -depth -type d -exec rmdir {} + 2>/dev/null || true
}

main() {
	from=${AKIN_INSTALL_FROM:-https://github.com/akin-search/akin/releases/latest/download}
	prefix=$HOME/.local
	uninstall=
	while [ $# -gt 0 ]; do
		case $1 in
		--from) from=${2:?--from needs an address} && shift ;;
		--prefix) prefix=${2:?--prefix needs a folder} && shift ;;
		--uninstall) uninstall=1 ;;
		*) fail "unknown argument $1: use --from ADDRESS, --prefix DIR or --uninstall" ;;
		esac
		shift
	done
	if [ -n "$uninstall" ]; then
		[ -f "$prefix/lib/akin/installed" ] || fail "$prefix has no akin that install.sh installed"
		remove "$prefix"
		echo "akin is removed from $prefix. Your collections are still in ${XDG_DATA_HOME:-$HOME/.local/share}/akin, or where macOS keeps them, in ~/Library/Application Support/akin."
		return
	fi
	glibc
	system=$(target)
	[ ! -e "$prefix/bin/akin" ] || [ -f "$prefix/lib/akin/installed" ] || fail "$prefix/bin/akin is there already, and install.sh did not install it: remove it, or use --prefix DIR"

	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' INT TERM
	fetch "$from/checksums.txt" "$work/checksums.txt"
	name=$(sed -n "s/^[0-9a-f]\{64\}  \(akin_[^/ ]*_$system\.tar\.gz\)$/\1/p" "$work/checksums.txt")
	[ "$(echo "$name" | wc -w)" -eq 1 ] || fail "$from/checksums.txt names no archive for $system"
	echo "Downloading $from/$name"
	fetch "$from/$name" "$work/$name"
	expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name$/\1/p" "$work/checksums.txt")
	[ "$(sha256 "$work/$name")" = "$expected" ] || fail "$name is not what checksums.txt says: it was damaged on its way, or is another file; nothing was installed"

	mkdir "$work/akin"
	tar -xzf "$work/$name" -C "$work/akin" --strip-components=1
	echo install.sh >"$work/akin/lib/akin/package"
	version=$("$work/akin/bin/akin" version) || fail "the program does not run here; nothing was installed"
	(cd "$work/akin" && find . -type f | sed 's|^\./||' | sort) >"$work/installed"
	mkdir -p "$prefix"
	remove "$prefix"
	mkdir -p "$prefix/lib/akin"
	cp "$work/installed" "$prefix/lib/akin/installed" # first: what is interrupted can be removed, and installed again
	(cd "$work/akin" && tar -cf - .) | (cd "$prefix" && tar -xf - --no-same-owner)
	echo "Installed $version into $prefix."
	case :$PATH: in
	*":$prefix/bin:"*) echo "Try: akin index ~/Pictures" ;;
	*) echo "Add it to your PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
	esac
}

main "$@"
