# Sourced by odoo.sh: runs the tests of our addons on a throw-away cluster and closes with a line that CI reads.

run_addon_tests() {
    local addons="${1:-}" tags log status=0 total failed errors
    [[ -n "$addons" ]] || addons="$(cd "$odoo_addons_path" && ls -d */ | tr -d / | paste -sd,)"
    tags="/${addons//,/,/}"
    # The addons are tested against the server itself.
    if [[ -z "${TEST_SLUICE_SERVER:-}" ]]; then
        (cd "$checkout" && cargo build --quiet --package sluice-server --locked >&2)
        TEST_SLUICE_SERVER="${CARGO_TARGET_DIR:-$checkout/target}/debug/sluice-server"
    fi
    export TEST_SLUICE_SERVER
    dir="$(mktemp -d "${TMPDIR:-/tmp}/sluice-odoo-tests.XXXXXX")"
    database=tests
    trap 'cluster_down "$dir"; rm -rf "$dir"' EXIT
    # The widgets are tested in a real browser.
    "$here/browser.sh" >/dev/null
    cluster_start >/dev/null
    new_db >/dev/null
    log="$dir/tests.log"
    odoo_program "$dir" tests --test-tags="$tags" --stop-after-init --http-interface=127.0.0.1 --http-port="$(free_port)" \
        --max-cron-threads=0 >"$log" 2>&1 || status=$?
    # Odoo's own closing line: "F failed, E error(s) of N tests".
    read -r failed errors total < <(
        sed -nE 's/.* ([0-9]+) failed, ([0-9]+) error\(s\) of ([0-9]+) tests.*/\1 \2 \3/p' "$log" | tail -n 1
    ) || true
    if [[ "$status" != 0 || -z "${total:-}" || "$total" == 0 || "$failed" != 0 || "$errors" != 0 ]]; then
        grep -vE ' (INFO|DEBUG) ' "$log" >&2 || true
        [[ -n "${total:-}" && "$total" != 0 ]] || echo "setup: error: no addon test ran" >&2
        status=1
    fi
    echo "$(( ${total:-0} - ${failed:-0} - ${errors:-0} )) passed, $(( ${failed:-0} + ${errors:-0} )) failed"
    return "$status"
}
