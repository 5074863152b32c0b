# Sourced by the setup scripts: where installs are kept, how they are locked, and how a missing system program is brought in.
#
# SLUICE_CACHE  folder of everything the setup scripts install; default /var/cache/sluice for root,
#               else ${XDG_CACHE_HOME:-$HOME/.cache}/sluice. Each entry carries its pinned version in its name,
#               so a changed pin installs anew and older checkouts keep working beside it.

if [[ -z "${SLUICE_CACHE:-}" ]]; then
    if [[ "$(id -u)" == 0 ]]; then
        SLUICE_CACHE=/var/cache/sluice
    else
        SLUICE_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/sluice"
    fi
fi
export SLUICE_CACHE
# Postgres runs as an unprivileged user when we are root, so it must be able to read what lies here.
umask 022
mkdir -p "$SLUICE_CACHE/locks"

# What a script prints on stdout is its answer; progress goes to stderr.
say() {
    echo "setup: $*" >&2
}

fail() {
    echo "setup: error: $*" >&2
    exit 1
}

# Runs the rest of the calling script under an exclusive lock of that name; waits for whoever holds it.
lock() {
    command -v flock >/dev/null || fail "flock is missing: apt-get install util-linux"
    exec 9>"$SLUICE_CACHE/locks/$1"
    flock 9
}

# need_command COMMAND PACKAGE: installs the Debian package when the command is not there.
need_command() {
    command -v "$1" >/dev/null || need_package "$2"
}

# need_package PACKAGE...: installs Debian packages, through sudo for an ordinary user.
need_package() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get >/dev/null || fail "please install: ${missing[*]}"
    say "installing ${missing[*]}"
    local as_root=()
    if [[ "$(id -u)" != 0 ]]; then
        command -v sudo >/dev/null || fail "as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    (
        # apt's own lock, so that two setup scripts do not fail on dpkg's
        exec 8>"$SLUICE_CACHE/locks/apt-get"
        flock 8
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
    ) 9>&- || fail "could not install ${missing[*]}"
}

# fetch_wheel REQUIREMENT DIRECTORY: downloads one Python package file without its dependencies and prints its path.
fetch_wheel() {
    need_command python3 python3
    python3 -m pip --version >/dev/null 2>&1 || need_package python3-pip
    python3 -m pip download --quiet --no-deps --dest "$2" "$1" >&2 || fail "could not download $1"
    ls "$2"/*.whl "$2"/*.tar.gz 2>/dev/null | head -n 1
}
