#!/usr/bin/env bash
# Builds, once, a stopped Postgres cluster with a ready Odoo database to copy from, and prints its folder.
#
#   odoo-seed.sh base     Odoo with the modules that our addons need (minutes; only when Odoo or its pins change)
#   odoo-seed.sh addons   the same plus our addons and a service user (seconds; when anything under odoo_addon/ changes)
#
# The database is called odoo_seed. Beside the cluster: data (filestore), password, and for `addons` service.json.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"
. "$here/odoo_cluster.sh"

# What our addons depend on, directly or not, so that installing them on a copy takes seconds.
base_modules=base,web,product,purchase,account,sale
# Goes up when the base is made in another way than before.
recipe=1
checkout="$(cd "$here/../../.." && pwd)"

# Name of a seed: what it is made of, as one short hash.
base_key() {
    {
        basename "$odoo_home"
        "$pg_bin/postgres" --version
        echo "$base_modules"
        echo "recipe $recipe"
        cat "$here/odoo_base_settings.py"
    } | sha256sum | cut -c1-12
}

addons_key() {
    {
        base_key
        cat "$here/odoo_service_user.py"
        cd "$checkout/odoo_addon"
        find . -type f -not -path '*/__pycache__/*' -not -path '*/tests/*' -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum | cut -c1-12
}

# odoo_quietly LOG DIR ARGUMENT...: an Odoo run whose log is shown only when it fails.
odoo_quietly() {
    local log="$1" dir="$2"
    shift 2
    odoo_program "$dir" odoo_seed "$@" >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        fail "Odoo could not prepare its database"
    }
    ! grep -qE ' (ERROR|CRITICAL) ' "$log" || {
        grep -E -A20 ' (ERROR|CRITICAL) ' "$log" >&2
        fail "Odoo reported an error while it prepared its database"
    }
}

seed_base() {
    local work="$1"
    say "making the Odoo database to copy from (one or two minutes, once)"
    cluster_init "$work"
    cluster_up "$work" "$(free_port)" fsync=off
    cluster_sql "$work" postgres "create database odoo_seed template template0 encoding 'UTF8' lc_collate 'C'" >/dev/null
    odoo_quietly "$work/odoo.log" "$work" --init="$base_modules" --stop-after-init --no-http --max-cron-threads=0
    odoo_quietly "$work/odoo.log" "$work" shell --no-http --log-level=warn <"$here/odoo_base_settings.py"
}

seed_addons() {
    local work="$1" base="$2"
    say "installing our addons into a copy of the Odoo database"
    cp -a "$base/pgdata" "$base/data" "$base/password" "$work/"
    chmod a+x "$work"
    cluster_up "$work" "$(free_port)" fsync=off
    odoo_addons_path="$checkout/odoo_addon"
    odoo_quietly "$work/odoo.log" "$work" --init="$(cd "$checkout/odoo_addon" && ls -d */ | tr -d / | paste -sd,)" --stop-after-init --no-http --max-cron-threads=0
    SLUICE_SERVICE_FILE="$work/service.json" odoo_quietly "$work/odoo.log" "$work" shell --no-http --log-level=warn <"$here/odoo_service_user.py"
    [[ -s "$work/service.json" ]] || fail "the service user was not made"
}

# build NAME STEP [ARGUMENT]: runs STEP in a work folder that becomes $SLUICE_CACHE/NAME when it is complete.
build() {
    local home="$SLUICE_CACHE/$1" step="$2" work
    shift 2
    if [[ ! -e "$home/ready" ]]; then
        lock "$(basename "$home")"
        if [[ ! -e "$home/ready" ]]; then
            work="$(mktemp -d "$SLUICE_CACHE/work.XXXXXX")"
            chmod a+x "$work"
            # shellcheck disable=SC2064 # the folder is known now
            trap "cluster_down '$work'; rm -rf '$work'" EXIT
            "$step" "$work" "$@"
            cluster_down "$work"
            rm -f "$work/port"
            touch "$work/ready"
            rm -rf "$home"
            mv "$work" "$home"
            trap - EXIT
        fi
    fi
    touch "$home/ready"
    echo "$home"
}

case "${1:-}" in
base) build "odoo-base-$(base_key)" seed_base ;;
addons)
    base="$("${BASH_SOURCE[0]}" base)"
    build "odoo-addons-$(addons_key)" seed_addons "$base"
    # Each edit of an addon or a setting leaves a seed behind: drop those nobody used for three days.
    find "$SLUICE_CACHE" -maxdepth 2 \( -path '*/odoo-addons-*/ready' -o -path '*/odoo-base-*/ready' \) -mtime +3 -printf '%h\0' |
        xargs -0 --no-run-if-empty rm -rf
    ;;
*) fail "usage: odoo-seed.sh base|addons" ;;
esac
