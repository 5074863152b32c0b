#!/usr/bin/env bash
# Installs a real Odoo 19 into the cache, without touching the system's own package suites, and prints its folder.
#
# The folder holds `root` (the unpacked Debian package) and `venv` (its Python). Odoo 19 lives in Debian's unstable suite; it is
# fetched through a private apt state whose address is read from the machine's own Debian sources.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"

requirements="$here/odoo-requirements.txt"
# The recipe's number goes up when the unpacking below changes, so that an old folder is not taken for a new one.
recipe=1
key="$(cat "$requirements" <(echo "$recipe") | sha256sum | cut -c1-12)"
home="$SLUICE_CACHE/odoo-19-$key"

# Python 3.10 to 3.13, the newest that is here.
find_python() {
    local candidate
    for candidate in python3.12 python3.11 python3.13 python3.10 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Odoo 19 needs Python 3.10 to 3.13"
}

# One line "deb [signed-by=..] URI sid main" from the machine's own sources, in either of apt's two formats.
unstable_source() {
    need_command python3 python3
    python3 "$here/debian_source.py" sid main
}

unpack_odoo() {
    local state="$1/apt" root="$1/root" options
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$root"
    unstable_source >"$state/sources.list" || fail "no Debian source is configured here; add one to apt, or give ODOO_URL to use an Odoo of your own"
    options=(
        -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root -q=2
    )
    say "downloading Odoo 19"
    apt-get "${options[@]}" update >&2 || fail "could not read Debian's unstable suite"
    (cd "$state" && apt-get "${options[@]}" download odoo-19 >&2) || fail "could not download odoo-19"
    dpkg-deb -x "$state"/odoo-19_*.deb "$root"
    rm -rf "$state"
}

make_venv() {
    local python
    python="$(find_python)"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need_package "$(basename "$(readlink -f "$python")")-venv" python3-venv
    say "installing Odoo's Python packages"
    "$python" -m venv "$1/venv"
    "$1/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
}

# The Debian package links fonts and scripts of other packages and lacks one script; its screens and tours need them.
mend_web_client() {
    local root="$1/root" addons="$1/root/usr/lib/python3/dist-packages/odoo/addons" stub shared
    for shared in fonts fonts-font-awesome javascript; do
        [[ -e "$root/usr/share/$shared" ]] || ln -s "/usr/share/$shared" "$root/usr/share/$shared"
    done
    stub="$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    mkdir -p "$(dirname "$stub")"
    [[ -e "$stub" ]] || : >"$stub"
}

if [[ ! -e "$home/ready" ]]; then
    lock "odoo-19-$key"
    if [[ ! -e "$home/ready" ]]; then
        rm -rf "$home"
        mkdir -p "$home"
        need_command dpkg-deb dpkg
        unpack_odoo "$home"
        make_venv "$home"
        mend_web_client "$home"
        touch "$home/ready"
    fi
fi
echo "$home"
