#!/bin/sh
# Installs Viber from its archive for Linux: for this user, or with --system for all; over an older one, with a way back.
# Each version lies in a folder of its own, and a link named "current" says which one is meant; see docs/install.md.
set -eu

usage() {
  cat <<'U'
usage: install.sh [OPTION]... ARCHIVE          install, or upgrade to, what the archive holds
       install.sh [OPTION]... --rollback       back to the version before
       install.sh [OPTION]... --uninstall      take Viber away, but leave its state

  --system          for all users: /opt/viber and links in /usr/local/bin (default: ~/.local)
  --prefix DIR      DIR/lib/viber and links in DIR/bin instead
  --sha256 HEX      the archive's digest; else it is read from ARCHIVE.sha256
  --units           systemd units too: the user's, or with --system the system's
  --unit-dir DIR    where the units go
  --no-trial        do not try the new version by a throw-away start, which also makes its starts quick
  --purge           with --uninstall: the state folders too
  --dry-run         say what would be done, and do nothing
  --help            this text

Exit codes: 0 done, 1 failed and nothing changed, 2 wrong usage.
U
}

fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
wrong() { printf 'install.sh: %s; see install.sh --help\n' "$*" >&2; exit 2; }
say() { printf '%s\n' "$*"; }
# Does it, or says what would be done.
run() {
  if [ "$dry" = yes ]; then
    printf 'would run:'; printf ' %s' "$@"; printf '\n'
  else
    "$@"
  fi
}

mode=install archive= system=no prefix= sum= units=no unit_dir= trial=yes purge=no dry=no
value() { [ $# -ge 2 ] && [ -n "$2" ] || wrong "$1 wants a value"; }
while [ $# -gt 0 ]; do
  case $1 in
    --system) system=yes ;;
    --prefix) value "$@"; prefix=$2; shift ;;
    --sha256) value "$@"; sum=$2; shift ;;
    --units) units=yes ;;
    --unit-dir) value "$@"; unit_dir=$2; units=yes; shift ;;
    --no-trial) trial=no ;;
    --purge) purge=yes ;;
    --rollback) mode=rollback ;;
    --uninstall) mode=uninstall ;;
    --dry-run) dry=yes ;;
    --help | -h) usage; exit 0 ;;
    -*) wrong "unknown option $1" ;;
    *) [ -z "$archive" ] || wrong "one archive at a time, not '$archive' and '$1'"; archive=$1 ;;
  esac
  shift
done
[ "$purge" = no ] || [ "$mode" = uninstall ] || wrong "--purge goes with --uninstall"
[ "$mode" = install ] || [ -z "$archive" ] || wrong "--$mode takes no archive"

if [ -n "$prefix" ]; then
  case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
  base=$prefix/lib/viber bin=$prefix/bin
elif [ "$system" = yes ]; then
  base=/opt/viber bin=/usr/local/bin
else
  [ -n "${HOME:-}" ] || fail "HOME is not set; name a place with --prefix, or use --system"
  base=$HOME/.local/lib/viber bin=$HOME/.local/bin
fi
if [ -z "$unit_dir" ]; then
  if [ "$system" = yes ]; then
    unit_dir=/etc/systemd/system
  else
    unit_dir=${XDG_CONFIG_HOME:-${HOME:-}/.config}/systemd/user
  fi
fi
programs='viber viper viper-server'

# The version that the link $1 names; empty where there is none.
named() { [ -L "$base/$1" ] && readlink "$base/$1" || :; }
# Makes the link $1 name the version $2, at one stroke where mv can do that.
name() {
  ln -s "$2" "$base/.$1.$$"
  mv -T "$base/.$1.$$" "$base/$1" 2>/dev/null || { rm -f "$base/.$1.$$"; ln -sfn "$2" "$base/$1"; }
}
is_ours() { case $(readlink "$1" 2>/dev/null) in "$base"/*) return 0 ;; *) return 1 ;; esac }
sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}
unit_names() {
  [ "$system" = yes ] && echo viber.service viper-server.service || echo viber.service
}

check_archive() {
  [ -n "$archive" ] || wrong "no archive named"
  [ -f "$archive" ] || fail "there is no file $archive"
  [ "$(uname -s)" = Linux ] || fail "this archive is for Linux, here is $(uname -s); take the .zip and a JDK 25"
  [ "$(uname -m)" = x86_64 ] || fail "this archive is for x86_64, here is $(uname -m); take the .zip and a JDK 25"
  if [ -z "$sum" ]; then
    [ -f "$archive.sha256" ] || fail "$archive.sha256 is missing; put it beside the archive, or say --sha256 HEX"
    read -r sum rest <"$archive.sha256" || [ -n "$sum" ] || fail "$archive.sha256 is empty"
  fi
  found=$(sha256 "$archive")
  found=${found%% *}
  [ "$found" = "$sum" ] || fail "$archive is not what was handed out: wanted SHA-256 $sum, found $found"
}

unpack() {
  fresh=$base/.new-$$
  trap 'rm -rf "$fresh"' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir -p "$fresh"
  tar -xzf "$archive" -C "$fresh" --no-same-owner || fail "$archive cannot be unpacked"
  set -- "$fresh"/*
  [ $# -eq 1 ] && [ -x "$1/bin/viber" ] && [ -f "$1/digest" ] && [ -f "$1/SHA256SUMS" ] \
    || fail "$archive holds no Viber: wanted one folder with bin/viber, digest and SHA256SUMS"
  (cd "$1" && sha256 -c SHA256SUMS >/dev/null 2>&1) || fail "what $archive holds does not fit its own SHA256SUMS"
  read -r digest <"$1/digest"
  version=$(basename "$1")-$digest
}

# Whether the version in folder $1 runs here: it says who it is, and a throw-away start does a task.
works() {
  VIBER_AOT=off "$1/bin/viber" version || return 1
  [ "$trial" = yes ] || return 0
  "$1/bin/viber" aot --if-missing
}

link_programs() {
  mkdir -p "$bin"
  for program in $programs; do
    if [ -e "$bin/$program" ] && ! is_ours "$bin/$program"; then
      fail "$bin/$program is there and not ours; move it away, or choose another --prefix"
    fi
    ln -sf "$base/current/bin/$program" "$bin/$program"
  done
}

write_units() {
  [ "$units" = yes ] || return 0
  mkdir -p "$unit_dir"
  from=$base/current/systemd
  [ "$system" = yes ] || from=$from/user
  for unit in $(unit_names); do
    sed "s|@bin@|$base/current/bin|g" "$from/$unit" >"$unit_dir/.$unit.$$"
    mv -f "$unit_dir/.$unit.$$" "$unit_dir/$unit"
    say "unit $unit_dir/$unit"
  done
  say "then: systemctl $([ "$system" = yes ] || echo '--user ')daemon-reload, and enable --now what you want of $(unit_names)"
}

# All but the versions in use and the one before.
tidy() {
  for old in "$base"/viber-*; do
    case ${old##*/} in "$(named current)" | "$(named previous)") ;; *) [ ! -d "$old" ] || rm -rf "$old" ;; esac
  done
}

install() {
  check_archive
  if [ "$dry" = yes ]; then
    run mkdir -p "$base"
    run tar -xzf "$archive" -C "$base"
    run viber version
    [ "$trial" = no ] || run viber aot --if-missing
    run ln -s "VERSION" "$base/current"
    for program in $programs; do run ln -sf "$base/current/bin/$program" "$bin/$program"; done
    [ "$units" = no ] || for unit in $(unit_names); do run write "$unit_dir/$unit"; done
    return 0
  fi
  mkdir -p "$base" 2>/dev/null && [ -w "$base" ] || fail "$base cannot be written; run it as its owner, or choose another --prefix"
  for program in $programs; do
    if [ -e "$bin/$program" ] && ! is_ours "$bin/$program"; then
      fail "$bin/$program is there and not ours; move it away, or choose another --prefix"
    fi
  done
  unpack
  before=$(named current)
  if [ "$version" = "$before" ]; then
    say "$version is installed already"
  else
    # One that was rolled back from, or cut off on the way.
    rm -rf "${base:?}/$version"
    mv "$fresh"/viber-* "$base/$version"
    if ! works "$base/$version"; then
      rm -rf "${base:?}/$version"
      fail "$version does not run here (see above); ${before:-nothing} stays"
    fi
    [ -z "$before" ] || name previous "$before"
    name current "$version"
  fi
  link_programs
  if ! VIBER_AOT=off "$bin/viber" version >/dev/null; then
    [ -z "$before" ] || name current "$before"
    fail "$bin/viber does not run; ${before:-nothing} is current"
  fi
  write_units
  tidy
  say "installed $version in $base"
  [ -z "$before" ] || [ "$before" = "$version" ] || say "daemons that run go on with $before until they are started anew"
  case ":$PATH:" in *":$bin:"*) ;; *) say "put $bin on your PATH" ;; esac
}

rollback() {
  now=$(named current) before=$(named previous)
  [ -n "$before" ] && [ -d "$base/$before" ] || fail "there is no version before in $base"
  if [ "$dry" = no ]; then
    VIBER_AOT=off "$base/$before/bin/viber" version >/dev/null || fail "$before does not run; $now stays"
  fi
  run name current "$before"
  run name previous "$now"
  say "back to $before; $now is kept"
}

uninstall() {
  if [ ! -d "$base" ]; then
    say "nothing is installed in $base"
  fi
  for program in $programs; do
    if is_ours "$bin/$program"; then run rm -f "$bin/$program"; fi
  done
  for unit in viber.service viper-server.service; do
    if [ -f "$unit_dir/$unit" ] && grep -q "$base/current/bin" "$unit_dir/$unit"; then run rm -f "$unit_dir/$unit"; fi
  done
  [ ! -d "$base" ] || run rm -rf "$base"
  if [ "$system" = no ] && [ -n "${HOME:-}" ]; then
    # Caches alone; they are made anew.
    run rm -rf "${XDG_CACHE_HOME:-$HOME/.cache}/viber/aot"
  fi
  if [ "$purge" = yes ]; then
    if [ "$system" = yes ]; then
      set -- /var/lib/viber /var/lib/viper /var/lib/private/viber /var/lib/private/viper /var/cache/viber /var/cache/private/viber
    elif [ -n "${XDG_STATE_HOME:-}" ]; then
      set -- "$XDG_STATE_HOME/viber" "$XDG_STATE_HOME/viper"
    else
      set -- "$HOME/.viber" "$HOME/.viper"
    fi
    for state in "$@"; do
      if [ -e "$state" ] || [ -L "$state" ]; then run rm -rf "$state"; fi
    done
  else
    say "state stays (~/.viber and ~/.viper, or /var/lib); --purge takes it too"
  fi
}

"$mode"
