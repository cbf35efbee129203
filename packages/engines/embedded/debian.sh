# Sourced. Debian packages without touching the host: an apt of our own with its own lists and an empty
# dpkg status, in a folder of its own. apt checks the Release signature against the Debian archive
# keyring, and each package's hash. Needs no root.
#
#   KEYNODE_DEBIAN_MIRROR   default: the mirror in the host's own apt setting
#   KEYNODE_DEBIAN_SUITES   suites to try, in order; default "forky sid"
#   KEYNODE_DEBIAN_KEYRING  default: the host's debian-archive-keyring

die() { echo "$*" >&2; exit 1; }
note() { echo "$*" >&2; }

debian_require() {
  local tool
  for tool in apt-get dpkg dpkg-deb tar flock; do
    command -v "$tool" >/dev/null || die "'$tool' is missing: this way needs Debian or a system made from it"
  done
  ARCH=$(dpkg --print-architecture 2>/dev/null)
  SUITES=${KEYNODE_DEBIAN_SUITES:-forky sid}
  KEYRING=${KEYNODE_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
  [ -r "$KEYRING" ] || die "no Debian archive keyring at $KEYRING: install the package debian-archive-keyring or set KEYNODE_DEBIAN_KEYRING"
  MIRROR=$(debian_mirror) && [ -n "$MIRROR" ] || die "no Debian mirror in this machine's apt setting: set KEYNODE_DEBIAN_MIRROR"
}

debian_mirror() { # the host's own, so that proxies and local mirrors keep working
  [ -n "${KEYNODE_DEBIAN_MIRROR:-}" ] && { echo "$KEYNODE_DEBIAN_MIRROR"; return; }
  apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 2>/dev/null | awk '$2 == "Debian" { print $1; exit }' | grep . && return
  # Without downloaded lists apt names no origin: read its sources.
  sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -E '/debian/?$' | head -1 | grep .
}

debian_configure() { # FOLDER SUITE SOURCE-OPTION
  mkdir -p "$1"/{etc/apt.conf.d,etc/preferences.d,etc/trusted.gpg.d,state/lists/partial,cache/archives/partial}
  : > "$1/status"
  echo "deb [arch=$ARCH signed-by=$KEYRING $3] $MIRROR $2 main" > "$1/etc/sources.list"
  cat > "$1/apt.conf" <<C
Dir "$1/";
Dir::Etc "$1/etc";
Dir::State "$1/state";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
APT::Architecture "$ARCH";
APT::Architectures { "$ARCH"; };
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::Retries "3";
C
}

debian_update() { # FOLDER SUITE: false when the suite's lists cannot be had
  export APT_CONFIG=$1/apt.conf
  debian_configure "$1" "$2" ''
  apt-get update -qq >"$1/update.log" 2>&1 && return
  # A mirror that lags, or a clock ahead, makes a signed index look expired.
  if grep -qiE 'expired|not valid' "$1/update.log"; then
    note "$2: the mirror's index is past its validity date; its signature and hashes are checked, its age is not"
    debian_configure "$1" "$2" check-valid-until=no
    apt-get update -qq >"$1/update.log" 2>&1 && return
  fi
  note "$2: $(tail -1 "$1/update.log")"
  return 1
}

debian_closure() { # PACKAGE...: "name version arch" of every package that installing them would take
  apt-get install -qq --print-uris "$@" 2>/dev/null |
    sed -nE "s/^'[^']*' ([^_]*)_([^_]*)_([a-z0-9]*)\.deb .*/\1 \2 \3/p" | sed 's/%3a/:/g'
}

debian_pretend() { # FOLDER PATTERN: lets apt believe that those of the packages it is told are installed; nothing needs them then
  # Exact versions, or "=" dependencies would break.
  grep -E "$2" | while read -r name version arch; do
    printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: %s\nMulti-Arch: foreign\nMaintainer: -\nDescription: left out\n\n' "$name" "$version" "$arch"
  done > "$1/status"
}
