#!/usr/bin/env bash
# Installs the queues beside which ours is measured into the cache, with the programs that drive them, and prints the folder.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"
peers="$here/../../bench/queue/peers"

need_command node nodejs
need_command npm npm
need_command python3 python3
home="$SLUICE_CACHE/queue-peers-$(cat "$peers"/{package-lock.json,requirements.txt} | sha256sum | cut -c1-12)"
if [[ ! -e "$home/ready" ]]; then
    lock "$(basename "$home")"
    if [[ ! -e "$home/ready" ]]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_package python3-venv
        say "installing other queues"
        rm -rf "$home"
        mkdir -p "$home"
        cp "$peers"/{package.json,package-lock.json,.npmrc} "$home/"
        (cd "$home" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2)
        python3 -m venv "$home/venv"
        "$home/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$peers/requirements.txt" >&2
        touch "$home/ready"
    fi
fi
# A module is searched from where the program lies, so the programs lie here too.
cp "$peers"/*.mjs "$home/"
echo "$home"
