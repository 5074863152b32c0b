#!/usr/bin/env bash
# Renews .sqlx, the descriptions by which statements are checked without a database; with --check it fails if they are stale.
# usage: DATABASE_URL=<a server on which databases may be made> prepare.sh [--check]
set -euo pipefail
cd "$(dirname "$0")/../../.."

: "${DATABASE_URL:?name a Postgres on which a database may be made}"
database="sluice_prepare_$$"
described=$(mktemp -d)
target_url=$(printf '%s' "$DATABASE_URL" | sed -E "s#/[^/?]*(\?.*)?\$#/$database\1#")
cleanup() {
    rm -rf "$described"
    psql -q "$DATABASE_URL" -c "drop database if exists $database with (force)"
}
trap cleanup EXIT

psql -q "$DATABASE_URL" -c "create database $database"
for migration in server/migrations/*.sql; do
    psql -q -v ON_ERROR_STOP=1 "$target_url" -f "$migration"
done

# Only a compilation writes descriptions, so make cargo see a change.
touch server/src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$described" DATABASE_URL="$target_url" cargo check --quiet --package sluice-server --tests

if [ "${1:-}" = --check ]; then
    diff --recursive .sqlx "$described" || {
        echo "the statements changed since .sqlx was made: run 'make prepare' and commit" >&2
        exit 1
    }
    exit 0
fi
rm -rf .sqlx
cp -r "$described" .sqlx
chmod 755 .sqlx
