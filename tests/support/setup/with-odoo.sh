#!/usr/bin/env bash
# Runs a command with a real Odoo of its own; TEST_ODOO_DIR is its folder for odoo.sh, and TEST_ODOO_DIR/sluice.json says how to reach it.
# usage: with-odoo.sh COMMAND [ARGUMENT...]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"

home="$(mktemp -d "${TMPDIR:-/tmp}/sluice-odoo.XXXXXX")"
chmod 755 "$home"
stop() {
    "$here/odoo.sh" cluster-stop "$home" >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT

"$here/odoo.sh" cluster-start "$home" >/dev/null
"$here/odoo.sh" new-db "$home" sluice >/dev/null
"$here/odoo.sh" start "$home" sluice --detach >/dev/null
TEST_ODOO_DIR="$home" "$@"
