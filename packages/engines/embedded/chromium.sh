#!/usr/bin/env bash
# Makes a Chromium that needs no display and no root: Debian's package, the libraries that it loads and one font of Latin and
# Chinese, unpacked into a folder that can be moved.
#
#   chromium.sh CACHE     prints the browser's program; makes it first when it is not there
#
# Settings: those of debian.sh, except the suites: a browser starts itself anew for each page, by the name that the kernel
# knows it by, so it cannot run through a private loader. It uses this machine's libc and therefore comes from its suite.
set -euo pipefail
umask 022
. "${BASH_SOURCE[0]%/*}/debian.sh"

GOAL=chromium-headless-shell
FONT=fonts-wqy-microhei
# The machine has it, or nothing without a display uses it; what only these need stays away with them.
UNUSED='^(libc6|debconf|fonts-dejavu-core|x11-utils|xdg-utils) '

own_suite() ( . /etc/os-release && echo "${VERSION_CODENAME:-}" )

unpack_packages() { # APT ROOT
  local deb
  debian_closure "$GOAL" "$FONT" > "$1/closure"
  grep -q "^$GOAL " "$1/closure" || die "$suite has no installable $GOAL"
  debian_pretend "$1" "$UNUSED" < "$1/closure"
  debian_closure "$GOAL" "$FONT" | cut -d' ' -f1,2 > "$1/selected"
  : > "$1/status"
  ( cd "$1/cache/archives" && xargs apt-get download -qq < <(sed 's/ /=/' "$1/selected") ) || die "$suite: download failed"
  for deb in "$1"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$2" --no-same-owner \
      --exclude='./etc*' --exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*' \
      --exclude='./usr/share/lintian*' --exclude='*/chromium/libVkLayer_*' --exclude='*/chromium/libVkICD_mock_*'
  done
}

wrap_browser() { # ROOT: the machine's own libraries and fonts, if it has any, stay out of sight
  cat > "$1/fonts.conf" <<'C'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
C
  cat > "$1/chromium" <<'C'
#!/bin/sh
root=$(cd "${0%/*}" && pwd -P)
libraries=$(cd "$root" && ls -d lib/*-linux-gnu* usr/lib/*-linux-gnu* usr/lib/*-linux-gnu*/pulseaudio 2>/dev/null | sed "s|^|$root/|" | tr '\n' ':')
export LD_LIBRARY_PATH="$libraries" FONTCONFIG_FILE="$root/fonts.conf" XDG_CACHE_HOME="$root/cache"
exec "$root/usr/lib/chromium/chromium-headless-shell" "$@"
C
  chmod 755 "$1/chromium"
}

make_browser() { # BROWSERS
  local work root suite id
  work=$(mktemp -d "$1/.work.XXXXXX")
  # shellcheck disable=SC2064  # now: the variable is gone when the shell exits
  trap "rm -rf '$work'" EXIT
  root=$work/root
  mkdir "$root"
  suite=$(own_suite)
  [ -n "$suite" ] || die "this system does not say which of Debian's suites it is"
  note "downloading Debian's headless Chromium (once per machine, 100 MB)"
  debian_update "$work/apt" "$suite" || die "the mirror has no suite $suite"
  unpack_packages "$work/apt" "$root"
  wrap_browser "$root"
  "$root/chromium" --version >&2 || die "$suite: the browser does not start"
  { echo "suite $suite"; sort "$work/apt/selected"; } > "$root/versions"
  id=browser-$(cksum < "$root/versions" | cut -d' ' -f1)
  rm -rf "${1:?}/$id"
  mv "$root" "$1/$id"
  ln -sfn "$id" "$1/current"
}

[ $# = 1 ] || die "usage: chromium.sh CACHE"
browsers=$1/chromium
if [ ! -e "$browsers/current/versions" ]; then
  mkdir -p "$browsers"
  debian_require
  exec 9>"$browsers/.lock"
  flock 9
  if [ ! -e "$browsers/current/versions" ]; then
    rm -rf "$browsers"/.work.*   # left by a run that was killed: we hold the lock
    make_browser "$browsers" >&2
  fi
fi
echo "$(cd "$browsers/current" && pwd -P)/chromium"
