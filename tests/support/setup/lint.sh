#!/usr/bin/env bash
# Everything that can be said about the code without running it.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../../.."
PATH="$("$here/tools.sh"):$PATH"

step() {
    echo "== $*" >&2
    "$@"
}

step cargo fmt --all --check
step buf lint proto
step buf format --diff --exit-code proto
step buf breaking proto --against proto/base.binpb
step "$here/python-stubs.sh" --check
step "$here/addons-lint.sh"
step cargo lint
step cargo tidy --quiet
step "$here/with-postgres.sh" "$here/prepare.sh" --check
