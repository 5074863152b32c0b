#!/usr/bin/env bash
# Runs tests with a real Postgres and a real Odoo, and ends with a line "N passed, N failed".
# usage: test.sh all | e2e [FILTER]
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../../.."
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
failed_parts=()

# part NAME COMMAND...: runs it, shows it, and keeps what it says for the count.
part() {
    local name="$1"
    shift
    echo "== $name" | tee -a "$log"
    "$@" 2>&1 | tee -a "$log"
    [[ "${PIPESTATUS[0]}" == 0 ]] || failed_parts+=("$name")
}

tools="$("$here/tools.sh")" || exit 1
# What failed says enough; the way through the runtime says nothing.
export PATH="$tools:$PATH" RUST_BACKTRACE=0
# The tests start the programs that lie in target/debug.
cargo build --workspace --bins --locked || exit 1

# One fault or two of each group; `make chaos` has them all.
short_campaign=server-killed,server-frozen,odoo-killed,postgres-crash,lost-answer,line-to-postgres,deaf-listener,watchers-at-stop

case "${1:-}" in
all)
    part "Rust: rooms, rules and stories" "$here/with-postgres.sh" "$here/with-odoo.sh" cargo test --workspace --locked --no-fail-fast
    part "Chaos: a short campaign" target/debug/chaos --seed 4 --runs 8 --each --faults "$short_campaign"
    part "Odoo: the addons" "$here/odoo.sh" test
    ;;
e2e)
    part "Rust: stories" "$here/with-postgres.sh" "$here/with-odoo.sh" cargo test --package sluice-tests --locked --test e2e -- "${@:2}"
    ;;
*)
    echo "usage: test.sh all | e2e [FILTER]" >&2
    exit 2
    ;;
esac

# Adds up "test result: ok. 3 passed; 1 failed; .." of cargo and "3 passed, 1 failed" of the addons.
read -r passed failed < <(awk '
    match($0, /[0-9]+ passed[;,] [0-9]+ failed/) {
        split(substr($0, RSTART, RLENGTH), word, " ")
        passed += word[1]; failed += word[3]
    }
    END { print passed + 0, failed + 0 }' "$log")
# A part that broke before it could count is a failure too.
[[ "${#failed_parts[@]}" == 0 ]] || echo "failed: ${failed_parts[*]}"
if [[ "${#failed_parts[@]}" -gt 0 && "$failed" == 0 ]]; then failed="${#failed_parts[@]}"; fi
if [[ "$passed" == 0 && "$failed" == 0 ]]; then failed=1; fi
echo "$passed passed, $failed failed"
[[ "$failed" == 0 ]]
