#!/usr/bin/env bash
# A real Odoo 19 with our addons for tests and the demo: private cluster, databases in half a second, server, shell, addon tests.
#
#   odoo.sh install                          download and prepare everything; the other verbs do it when needed
#   odoo.sh cluster-start DIR [PORT]         start a private Postgres in DIR, seeded with a ready database; prints its URL
#   odoo.sh cluster-stop DIR                 stop it, and every Odoo that runs detached in DIR; DIR stays
#   odoo.sh new-db DIR NAME                  copy the ready database (our addons, service user, admin/admin); prints the path of DIR/NAME.json
#   odoo.sh drop-db DIR NAME                 stop its detached Odoo and drop it
#   odoo.sh start DIR NAME [PORT] [--workers N] [--detach] [-- ODOO-ARGUMENT...]
#                                            serve it on 127.0.0.1. In the foreground this process becomes Odoo (signals reach it);
#                                            with --detach returns when Odoo answers and prints the path of DIR/NAME.json
#   odoo.sh upgrade DIR NAME ADDON,..        bring addons up to date, also while the database is served
#   odoo.sh stop DIR NAME                    stop a detached Odoo
#   odoo.sh shell DIR NAME                   Odoo's Python shell, a script on stdin
#   odoo.sh sql DIR NAME STATEMENT           bare answer of one SQL statement
#   odoo.sh test [ADDON,..]                  run the tests of our addons on a throw-away cluster; ends with "N passed, N failed"
#
# DIR/NAME.json: {"url", "database", "api_key", "user", "admin_api_key", "login", "password"}; url is null until the first start.
# Ports left out are chosen among the free ones. DIR must be a folder that an unprivileged user may enter (not below /root).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"
. "$here/odoo_cluster.sh"
checkout="$(cd "$here/../../.." && pwd)"
# Another folder of addons is for tests of how a server meets an older one.
odoo_addons_path="${TEST_ODOO_ADDONS:-$checkout/odoo_addon}"

usage() {
    sed -n '3,21p' "${BASH_SOURCE[0]}" | cut -c3- >&2
    exit 2
}

# Made or found at the start of each verb that needs a folder.
use_dir() {
    [[ -n "${1:-}" ]] || usage
    mkdir -p "$1"
    dir="$(cd "$1" && pwd)"
}

use_database() {
    [[ "${1:-}" =~ ^[a-z][a-z0-9_]*$ ]] || fail "a database name is lower case letters, digits and underscores"
    database="$1"
}

cluster_start() {
    local port="${1:-}"
    if [[ ! -d "$dir/pgdata" ]]; then
        local seed
        seed="$("$here/odoo-seed.sh" addons)"
        chmod a+x "$dir"
        cp -a "$seed/data" "$seed/password" "$seed/service.json" "$dir/"
        cp -a "$seed/pgdata" "$dir/pgdata.copying"
        mv "$dir/pgdata.copying" "$dir/pgdata"
    fi
    cluster_up "$dir" "${port:-$(free_port)}"
    echo "postgres://odoo:$(<"$dir/password")@127.0.0.1:$(<"$dir/port")"
}

new_db() {
    cluster_sql "$dir" postgres "create database $database template odoo_seed" >/dev/null
    cluster_sql "$dir" "$database" "update ir_config_parameter set value = gen_random_uuid() where key = 'database.uuid'"
    mkdir -p "$dir/data/filestore"
    [[ ! -d "$dir/data/filestore/odoo_seed" ]] || cp -a "$dir/data/filestore/odoo_seed" "$dir/data/filestore/$database"
    describe_database null
}

# describe_database URL_AS_JSON: writes DIR/NAME.json and prints its path.
describe_database() {
    python3 - "$dir" "$database" "$1" <<'PY'
import json, os, sys
folder, database, url = sys.argv[1:]
with open(f"{folder}/service.json", encoding="utf-8") as file:
    service = json.load(file)
path = f"{folder}/{database}.json"
with open(path + ".new", "w", encoding="utf-8") as file:
    json.dump({"url": json.loads(url), "database": database, **service, "login": "admin", "password": "admin"}, file)
os.replace(path + ".new", path)
print(path)
PY
}

start() {
    local port="" workers=0 detach=false more=()
    while [[ $# -gt 0 ]]; do
        case "$1" in
        --workers) workers="$2" && shift 2 ;;
        --detach) detach=true && shift ;;
        --) shift && more=("$@") && break ;;
        *) port="$1" && shift ;;
        esac
    done
    [[ -n "$port" ]] || port="$(free_port)"
    local arguments=(--http-interface=127.0.0.1 --http-port="$port" --gevent-port="$(free_port)" --workers="$workers"
        --max-cron-threads=1 --db-filter="^$database\$" --no-database-list "${more[@]}")
    local described
    described="$(describe_database "\"http://127.0.0.1:$port\"")"
    if [[ "$detach" == false ]]; then
        odoo_exec=(become)
        odoo_program "$dir" "$database" "${arguments[@]}"
        return
    fi
    (
        odoo_exec=(become)
        odoo_program "$dir" "$database" "${arguments[@]}"
    ) >"$dir/$database.log" 2>&1 </dev/null 9>&- &
    echo "$!" >"$dir/$database.pid"
    await_odoo "$port" "$!"
    echo "$described"
}

# `exec` as a function, so that a command line can be prefixed with it; the variables set for the call come along.
become() {
    exec "$@"
}

await_odoo() {
    python3 - "$1" "$2" <<'PY' || { tail -n 20 "$dir/$database.log" >&2; fail "Odoo did not start"; }
import os, sys, time, urllib.request
port, pid = int(sys.argv[1]), int(sys.argv[2])
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5):
            sys.exit(0)
    except OSError:
        os.kill(pid, 0)
        time.sleep(0.1)
sys.exit(1)
PY
}

stop() {
    local pid_file="$dir/$database.pid" pid
    [[ -e "$pid_file" ]] || return 0
    pid="$(<"$pid_file")"
    # The number may belong to another program by now, after a restart of the machine.
    if grep -qz -- "--data-dir=$dir/data" "/proc/$pid/cmdline" 2>/dev/null; then
        # It may end by itself before either signal.
        kill "$pid" 2>/dev/null || true
        timeout 20 tail --pid="$pid" -f /dev/null || kill -9 "$pid" 2>/dev/null || true
        timeout 20 tail --pid="$pid" -f /dev/null || true
    fi
    rm -f "$pid_file"
}

stop_all() {
    local pid_file
    for pid_file in "$dir"/*.pid; do
        [[ -e "$pid_file" ]] || continue
        database="$(basename "$pid_file" .pid)"
        stop
    done
    cluster_down "$dir"
}

drop_db() {
    stop
    cluster_sql "$dir" postgres "drop database if exists $database with (force)"
    rm -rf "${dir:?}/data/filestore/$database" "$dir/$database.json" "$dir/$database.log"
}

verb="${1:-}"
[[ $# -eq 0 ]] || shift
case "$verb" in
install) "$here/odoo-seed.sh" addons >/dev/null ;;
cluster-start) use_dir "${1:-}" && cluster_start "${2:-}" ;;
cluster-stop) use_dir "${1:-}" && stop_all ;;
new-db) use_dir "${1:-}" && use_database "${2:-}" && new_db ;;
drop-db) use_dir "${1:-}" && use_database "${2:-}" && drop_db ;;
start) use_dir "${1:-}" && use_database "${2:-}" && start "${@:3}" ;;
upgrade) use_dir "${1:-}" && use_database "${2:-}" && odoo_program "$dir" "$database" --update="${3:-}" --stop-after-init --no-http --max-cron-threads=0 --log-level=warn ;;
stop) use_dir "${1:-}" && use_database "${2:-}" && stop ;;
shell) use_dir "${1:-}" && use_database "${2:-}" && odoo_program "$dir" "$database" shell --no-http --log-level=warn ;;
sql) use_dir "${1:-}" && use_database "${2:-}" && cluster_sql "$dir" "$database" "${3:-}" ;;
test) . "$here/odoo_addon_tests.sh" && run_addon_tests "${1:-}" ;;
*) usage ;;
esac
