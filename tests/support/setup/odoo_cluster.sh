# Sourced by the Odoo scripts: a private Postgres cluster in a folder, and how Odoo's program is called on it.
#
# Layout of such a folder: pgdata (the cluster), data (Odoo's filestore and sessions), password (of the role odoo), postgres.log.

odoo_home="$("$here/odoo-install.sh")"
pg_bin="$("$here/postgres.sh")"

# Postgres refuses root, so root runs it as nobody.
as_postgres_user() {
    if [[ "$(id -u)" == 0 ]]; then
        need_command setpriv util-linux
        setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups env HOME=/tmp "$@"
    else
        "$@"
    fi
}

give_to_postgres_user() {
    [[ "$(id -u)" != 0 ]] || chown -R "nobody:$(id -gn nobody)" "$1"
}

# A port that is free now, below the range that outgoing connections use.
free_port() {
    python3 "$here/free_port.py"
}

# cluster_init DIR: makes an empty cluster whose superuser is `odoo`, with a password of its own.
cluster_init() {
    local dir="$1"
    mkdir -p "$dir/pgdata" "$dir/data"
    chmod a+x "$dir"
    python3 -c 'import secrets; print(secrets.token_urlsafe(18))' >"$dir/password"
    chmod 600 "$dir/password"
    # initdb reads the password as the unprivileged user, hence a copy that this user owns.
    cp "$dir/password" "$dir/password.init"
    give_to_postgres_user "$dir/password.init"
    give_to_postgres_user "$dir/pgdata"
    (cd / && as_postgres_user "$pg_bin/initdb" --pgdata="$dir/pgdata" --username=odoo --pwfile="$dir/password.init" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >/dev/null)
    rm "$dir/password.init"
    cat >>"$dir/pgdata/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
random_page_cost = 1.1
CONF
}

# cluster_up DIR PORT [SETTING...]: starts the cluster and waits until it answers; does nothing when it runs already.
cluster_up() {
    local dir="$1" port="$2" setting options
    shift 2
    options="-p $port"
    for setting in "$@"; do options+=" -c $setting"; done
    if ! cluster_is_up "$dir"; then
        as_postgres_user test -x "$dir/pgdata" || fail "the Postgres user cannot enter $dir/pgdata: choose a folder whose parents it may traverse"
        [[ "$(id -u)" != 0 ]] || touch "$dir/postgres.log"
        give_to_postgres_user "$dir/postgres.log"
        (cd / && as_postgres_user "$pg_bin/pg_ctl" start --pgdata="$dir/pgdata" --log="$dir/postgres.log" -o "$options" \
            --wait --timeout=60 --silent >/dev/null 9>&-) || fail "Postgres did not start: $(tail -n 3 "$dir/postgres.log")"
        echo "$port" >"$dir/port"
    fi
}

cluster_is_up() {
    (cd / && as_postgres_user "$pg_bin/pg_ctl" status --pgdata="$1/pgdata" >/dev/null 2>&1)
}

cluster_down() {
    if cluster_is_up "$1"; then
        (cd / && as_postgres_user "$pg_bin/pg_ctl" stop --pgdata="$1/pgdata" --mode=fast --wait --silent >/dev/null)
    fi
}

# cluster_sql DIR DATABASE SQL: runs one statement and prints its bare answer.
cluster_sql() {
    PGPASSWORD="$(<"$1/password")" "$pg_bin/psql" --host=127.0.0.1 --port="$(<"$1/port")" --username=odoo --dbname="$2" \
        --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$3"
}

# odoo_program DIR DATABASE ARGUMENT...: runs Odoo on that database with our addons in its path; ARGUMENT may begin with `shell`.
odoo_program() {
    local dir="$1" database="$2" verb=() addons="$odoo_home/root/usr/lib/python3/dist-packages/odoo/addons"
    shift 2
    if [[ "${1:-}" == shell ]]; then
        verb=(shell)
        shift
    fi
    # The address is put together here and given in the environment, so that the password is in no process list.
    PGPASSWORD="$(<"$dir/password")" PYTHONPATH="$odoo_home/root/usr/lib/python3/dist-packages" \
        PATH="$odoo_home/venv/bin:$PATH" ODOO_RC=/dev/null \
        "${odoo_exec[@]}" "$odoo_home/venv/bin/python" "$odoo_home/root/usr/bin/odoo" "${verb[@]}" \
        --database="$database" --db_host=127.0.0.1 --db_port="$(<"$dir/port")" --db_user=odoo \
        --data-dir="$dir/data" --addons-path="$addons${odoo_addons_path:+,$odoo_addons_path}" "$@"
}
# A caller puts a function here that replaces the shell by Odoo, so that signals reach Odoo itself.
odoo_exec=()
