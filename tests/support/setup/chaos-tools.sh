#!/usr/bin/env bash
# Brings in what the campaign needs of the system, and prints where it is: pgbouncer (the program) | faketime (the library to preload).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cache_dir.sh"

# Debian keeps servers where an ordinary user's PATH does not lead.
export PATH="$PATH:/usr/sbin"
lock chaos-tools
case "${1:-}" in
pgbouncer)
    need_command pgbouncer pgbouncer
    command -v pgbouncer
    ;;
faketime)
    need_command faketime faketime
    # The program itself would stand between us and the server as its parent.
    faketime -f +0 printenv LD_PRELOAD
    ;;
*) fail "usage: chaos-tools.sh pgbouncer | faketime" ;;
esac
