#!/bin/sh
# Installs panelctl as one file, for machines without Node:
#   curl -fsSL URL/install.sh | sh
#   sh install.sh --mirror URL --to FOLDER
# Everything is in a function that the last line calls: a download of this script that was cut does nothing.
set -eu

mirror='https://panelctl.invalid/releases/latest/download'

usage() {
  cat <<'END'
sh install.sh [--mirror URL] [--to FOLDER | --prefix FOLDER]

  --mirror URL     where the files of a release lie: SHA256SUMS, panelctl-linux-x64.gz, panelctl-linux-arm64.gz
  --to FOLDER      where the program goes (default: /usr/local/bin for root, else ~/.local/bin)
  --prefix FOLDER  the same as --to FOLDER/bin

Needs curl or wget, gzip, and sha256sum, shasum or openssl. Asks for no password, and writes one file.
END
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  [ -z "${2-}" ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# What a release calls this machine.
machine() {
  system=$(uname -s)
  processor=$(uname -m)
  hint='with Node 20.19 or newer: npm install --global panelctl'
  [ "$system" = Linux ] || fail "there is no file for $system" "$hint"
  case $processor in
    x86_64 | amd64) echo linux-x64 ;;
    aarch64 | arm64) echo linux-arm64 ;;
    *) fail "there is no file for $processor" "$hint" ;;
  esac
}

# Downloads $mirror/$1 to $work/$1.
download() {
  reason='the download was cut, refused, or there is no such file'
  if has curl; then
    curl -fsSL --retry 2 -o "$work/$1" "$mirror/$1" || fail "$mirror/$1: $reason" "$other"
  elif has wget; then
    wget -q -t 2 -O "$work/$1" "$mirror/$1" || fail "$mirror/$1: $reason" "$other"
  else
    fail 'neither curl nor wget is here' 'install one of them'
  fi
}

sum() {
  if has sha256sum; then
    sha256sum <"$1"
  elif has shasum; then
    shasum -a 256 <"$1"
  elif has openssl; then
    openssl dgst -sha256 -r <"$1"
  else
    fail 'none of sha256sum, shasum and openssl is here' 'install one of them'
  fi
}

main() {
  to=
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help)
        usage
        exit 0
        ;;
      --mirror | --to | --prefix) [ -n "${2-}" ] || fail "$1 wants a value" 'sh install.sh --help' ;;
      *) fail "unknown: $1" 'sh install.sh --help' ;;
    esac
    case $1 in
      --mirror) mirror=${2%/} ;;
      --to) to=$2 ;;
      --prefix) to=${2%/}/bin ;;
    esac
    shift 2
  done
  if [ -z "$to" ]; then
    if [ "$(id -u)" = 0 ]; then
      to=/usr/local/bin
    else
      [ -n "${HOME-}" ] || fail 'there is no HOME' 'say where the program goes: --to FOLDER'
      to=$HOME/.local/bin
    fi
  fi
  name=$(machine)
  file=panelctl-$name.gz
  has gzip || fail 'gzip is not here' 'install it'

  elsewhere='say where the program goes: --to FOLDER'
  case $to in /*) ;; *) to=$PWD/$to ;; esac
  [ ! -d "$to/panelctl" ] || fail "$to/panelctl is a folder" "$elsewhere"
  made=
  [ -d "$to" ] || made=$to
  mkdir -p "$to" 2>/dev/null || fail "$to cannot be made" "$elsewhere"
  # Beside the program, so that it comes to its place in one step.
  work=$to/.panelctl-install.$$
  mkdir -m 700 "$work" 2>/dev/null || fail "$to cannot be written to" "$elsewhere"
  trap 'rm -rf "$work"; [ -z "$made" ] || rmdir "$made" 2>/dev/null || :' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  other='say where a release lies: --mirror URL'
  printf 'downloading %s\n' "$mirror/$file" >&2
  download SHA256SUMS
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$file\$/\1/p" "$work/SHA256SUMS")
  [ -n "$expected" ] || fail "$mirror/SHA256SUMS does not name $file" "$other"
  download "$file"
  found=$(sum "$work/$file")
  [ "${found%% *}" = "$expected" ] || fail "$mirror/$file is not the file that SHA256SUMS is of" "$other"

  gzip -dc "$work/$file" >"$work/panelctl" || fail "$file cannot be unpacked into $to" 'is the disk full?'
  chmod 755 "$work/panelctl"
  # Where a library is missing, it is said now, and what was there before stays.
  version=$("$work/panelctl" --version </dev/null 2>"$work/reason") || {
    cat "$work/reason" >&2
    fail 'the program does not start here' 'it needs glibc 2.28 or newer, libstdc++ and libgcc; elsewhere: npm install --global panelctl'
  }
  mv -f "$work/panelctl" "$to/panelctl"
  printf '%s is in %s\n' "${version%% *}" "$to/panelctl"
  case :${PATH-}: in
    *":$to:"*) ;;
    *) echo "hint: this shell does not look there: export PATH=\"$to:\$PATH\"" ;;
  esac
}

main "$@"
