# Sourced by the other scripts: checks the Swift toolchain and installs missing Debian packages.
# Usage: . tools/setup.sh; need_swift; need_packages NAME...

fail() {
  printf '%s: error: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

# Swift comes from swift.org, not from Debian, so it is only looked for.
need_swift() {
  command -v swift >/dev/null 2>&1 ||
    fail 'Swift is not installed; install Swift 6.0 or later from swift.org and put it on the PATH'
  swift_version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\)\.\([0-9]*\).*/\1.\2/p' | head -n 1)
  [ "${swift_version%%.*}" -ge 6 ] 2>/dev/null ||
    fail "Swift ${swift_version:-of unknown version} is too old; install Swift 6.0 or later from swift.org"
}

need_packages() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null 2>&1 ||
    fail "missing libraries; install the equivalents of these Debian packages:$missing"
  sudo=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      fail "missing Debian packages:$missing; run 'apt-get install$missing' as root"
    sudo=sudo
  fi
  printf 'Installing%s\n' "$missing" >&2
  # shellcheck disable=SC2086  # a list of words
  { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq $missing; } >&2 ||
    fail "could not install:$missing"
}

libraries='libopenblas-dev liblapacke-dev libgsl-dev zlib1g-dev'
