#!/usr/bin/env bash
# Makes the addon's Python messages from the contract, in odoo_addon/sluice/wire/generated.
#
#   python-stubs.sh            make them anew
#   python-stubs.sh --check    fail when the committed ones are not what the contract says
#
# Only messages are made: the addon calls methods by their descriptors (wire/calls.py), which works with any grpcio.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"
checkout="$(cd "$here/../../.." && pwd)"
target="$checkout/odoo_addon/sluice/wire/generated"

# The same release as grpcio in odoo-requirements.txt, so that the messages fit the protobuf pinned there.
version="$(sed -n 's/^grpcio==//p' "$here/odoo-requirements.txt")"
home="$SLUICE_CACHE/grpcio-tools-$version"

install_compiler() {
    need_command python3 python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_package python3-venv
    say "installing grpcio-tools"
    rm -rf "$home"
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check "grpcio-tools==$version" >&2
    touch "$home/ready"
}

# generate DIRECTORY: fills it with one file of messages per service.
generate() {
    local made="$1/made"
    mkdir "$made"
    (cd "$checkout/proto" && "$home/bin/python" -m grpc_tools.protoc --proto_path=. --python_out="$made" sluice/v1/*.proto)
    mv "$made"/sluice/v1/*_pb2.py "$1/"
    rm -r "$made"
    # Inside Odoo the files are a package of the addon, not the package sluice.v1.
    sed -i -E 's/^from sluice\.v1 import /from . import /' "$1"/*_pb2.py
    echo "# The contract's messages, made by tests/support/setup/python-stubs.sh; do not edit." >"$1/__init__.py"
}

if [[ ! -e "$home/ready" ]]; then
    lock "$(basename "$home")"
    [[ -e "$home/ready" ]] || install_compiler
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
generate "$work"
if [[ "${1:-}" == --check ]]; then
    diff --recursive --brief --exclude=__pycache__ "$work" "$target" >&2 ||
        fail "the contract changed: run \`make proto\` and commit odoo_addon/sluice/wire/generated"
else
    mkdir -p "$target"
    find "$target" -name '*.py' -delete
    mv "$work"/*.py "$target/"
fi
