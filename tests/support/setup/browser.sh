#!/usr/bin/env bash
# Installs Chromium, the fonts of Odoo's screens and Playwright, and prints the Python that drives the browser.
#
# Playwright comes with its own Node but without a browser: that is the system's Chromium.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"

requirements="$here/../browser/requirements.txt"
home="$SLUICE_CACHE/browser-$(sha256sum <"$requirements" | cut -c1-12)"

# Odoo's Debian package has links to these instead of copies.
need_package chromium fonts-font-awesome fonts-roboto-unhinted fonts-inconsolata fonts-ocr-b fonts-glyphicons-halflings gsfonts \
    libjs-jquery libjs-jquery-form libjs-underscore

if [[ ! -e "$home/ready" ]]; then
    lock "$(basename "$home")"
    if [[ ! -e "$home/ready" ]]; then
        need_command python3 python3
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_package python3-venv
        say "installing Playwright"
        rm -rf "$home"
        python3 -m venv "$home"
        "$home/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
        touch "$home/ready"
    fi
fi
echo "$home/bin/python"
