#!/usr/bin/env bash
# Runs a command with a private Postgres of its own, in DATABASE_URL, and removes it afterwards.
# usage: with-postgres.sh COMMAND [ARGUMENT...]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
. "$here/cache_dir.sh"
bin="$("$here/postgres.sh")"

home="$(mktemp -d "${TMPDIR:-/tmp}/sluice-postgres.XXXXXX")"
chmod 755 "$home"

# Postgres refuses root, so root runs it as nobody.
as_postgres_user() {
    if [[ "$(id -u)" == 0 ]]; then
        setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups env HOME=/tmp "$@"
    else
        "$@"
    fi
}

stop() {
    (cd / && as_postgres_user "$bin/pg_ctl" stop --pgdata="$home/data" --mode=immediate --silent >/dev/null 2>&1) || true
    rm -rf "$home"
}
trap stop EXIT

mkdir "$home/data"
password="$(python3 -c 'import secrets; print(secrets.token_hex(16))')"
printf '%s' "$password" >"$home/password"
chmod 600 "$home/password"
[[ "$(id -u)" != 0 ]] || chown -R "nobody:$(id -gn nobody)" "$home"
(cd / && as_postgres_user "$bin/initdb" --pgdata="$home/data" --username=postgres --pwfile="$home/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null)
# A crash of the machine may lose this cluster, so nothing waits for the disk.
cat >>"$home/data/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
fsync = off
full_page_writes = off
CONF

# Another program may take the free port before Postgres does, so a start is tried again with the next one.
for _ in 1 2 3 4 5; do
    port="$(python3 "$here/free_port.py")"
    if (cd / && as_postgres_user "$bin/pg_ctl" start --pgdata="$home/data" --log="$home/log" -o "-p $port" --wait --timeout=60 --silent >/dev/null); then
        DATABASE_URL="postgres://postgres:$password@127.0.0.1:$port/postgres" PATH="$bin:$PATH" "$@"
        exit
    fi
done
fail "Postgres did not start: $(tail -n 3 "$home/log")"
