#!/usr/bin/env bash
# Takes nats-server out of its Debian package.   nats-server.sh TARGET   (a file)
# Settings: those of debian.sh. The binary is dynamic and uses the host's libc, so the caller must try it.
set -euo pipefail
. "${BASH_SOURCE[0]%/*}/debian.sh"

[ $# = 1 ] || die "usage: nats-server.sh TARGET"
debian_require
work=$(mktemp -d "$1.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
for suite in $SUITES; do
  debian_update "$work/apt" "$suite" || continue
  ( cd "$work" && apt-get download -qq nats-server ) || continue
  dpkg-deb --extract "$work"/nats-server_*.deb "$work/root"
  mv "$work"/root/usr/*bin/nats-server "$1"
  exit 0
done
die "none of the suites '$SUITES' gave the package nats-server"
