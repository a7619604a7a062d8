#!/bin/sh
# Installs apim-doctor @VERSION@ for Linux and macOS: the program, its completions and its manual.
#
#   APIM_DOCTOR_PREFIX  where to install; by default ~/.local. The program goes to its folder bin.
#   APIM_DOCTOR_FROM    where the archives are: an address, or a folder if this machine has no network.
#
# The archive's checksum has to be the one below. Nothing is installed otherwise.
set -eu

version='@VERSION@'
release='@REPOSITORY@/releases/download/v@VERSION@'

checksum_of() {
    case $1 in
        aarch64-apple-darwin) echo '@SHA256:aarch64-apple-darwin@' ;;
        aarch64-unknown-linux-musl) echo '@SHA256:aarch64-unknown-linux-musl@' ;;
        x86_64-apple-darwin) echo '@SHA256:x86_64-apple-darwin@' ;;
        x86_64-unknown-linux-musl) echo '@SHA256:x86_64-unknown-linux-musl@' ;;
    esac
}

fail() {
    echo "apim-doctor: $1" >&2
    exit 1
}

target() {
    case $(uname -s) in
        Linux) os=unknown-linux-musl ;;
        Darwin) os=apple-darwin ;;
        *) fail "there is no program for $(uname -s): build it with cargo install" ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) cpu=x86_64 ;;
        arm64 | aarch64) cpu=aarch64 ;;
        *) fail "there is no program for $(uname -m): build it with cargo install" ;;
    esac
    # A shell that macOS translates names the other processor.
    if [ "$os" = apple-darwin ] && [ "$(sysctl -n hw.optional.arm64 2>/dev/null || :)" = 1 ]; then cpu=aarch64; fi
    echo "$cpu-$os"
}

# fetch ADDRESS FILE
fetch() {
    case $1 in
        https://*)
            if command -v curl >/dev/null; then
                curl --proto '=https' --tlsv1.2 --retry 3 -fsSL -o "$2" "$1"
            elif command -v wget >/dev/null; then
                wget -q -O "$2" "$1"
            else
                fail "curl or wget is needed to download $1"
            fi
            ;;
        http://*) fail "$1 is not protected: expected https or a folder" ;;
        *) cp -- "$1" "$2" ;;
    esac || fail "cannot get $1"
}

checksum() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1"
    elif command -v shasum >/dev/null; then
        shasum -a 256 <"$1"
    else
        fail "sha256sum or shasum is needed to verify the archive"
    fi | cut -d ' ' -f 1
}

# put FILE FOLDER NAME MODE: a new file takes the place of the old one, which may be running.
put() {
    mkdir -p "$2"
    cp "$1" "$2/.$3.new"
    chmod "$4" "$2/.$3.new"
    mv -f "$2/.$3.new" "$2/$3"
}

main() {
    prefix=${APIM_DOCTOR_PREFIX:-${HOME:?}/.local}
    name=apim-doctor-$(target)
    expected=$(checksum_of "${name#apim-doctor-}")

    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' HUP INT TERM
    fetch "${APIM_DOCTOR_FROM:-$release}/$name.tar.gz" "$folder/archive"
    found=$(checksum "$folder/archive")
    if [ -z "$expected" ] || [ "$found" != "$expected" ]; then
        fail "$name.tar.gz is not the file of the release: its SHA-256 is $found, expected $expected"
    fi
    tar -xzf "$folder/archive" -C "$folder"

    from=$folder/$name
    put "$from/completions/apim-doctor.bash" "$prefix/share/bash-completion/completions" apim-doctor 644
    put "$from/completions/apim-doctor.fish" "$prefix/share/fish/vendor_completions.d" apim-doctor.fish 644
    put "$from/completions/_apim-doctor" "$prefix/share/zsh/site-functions" _apim-doctor 644
    for page in "$from"/man/man1/*.1; do put "$page" "$prefix/share/man/man1" "${page##*/}" 644; done
    for text in "$from"/*LICENSE*; do put "$text" "$prefix/share/doc/apim-doctor" "${text##*/}" 644; done
    put "$from/apim-doctor" "$prefix/bin" apim-doctor 755

    echo "apim-doctor $version is installed: $prefix/bin/apim-doctor"
    case :$PATH: in
        *":$prefix/bin:"*) ;;
        *) echo "PATH does not contain $prefix/bin: add it, for example in ~/.profile" ;;
    esac
}

# The last line starts the work, so that a part of this file does nothing.
main
