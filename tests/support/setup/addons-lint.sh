#!/usr/bin/env bash
# Looks at the addons as the OCA does for Odoo 19: ruff, pylint-odoo, eslint, prettier, and README.rst from its fragments.
#
#   addons-lint.sh            says what is wrong
#   addons-lint.sh --fix      formats, and makes what is generated anew
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/cache_dir.sh"
checkout="$(cd "$here/../../.." && pwd)"
lint="$here/../lint"
cd "$checkout"

need_command node nodejs
need_command npm npm
need_command python3 python3
# Tools and their settings lie side by side, since a setting finds its plugins by its own place.
home="$SLUICE_CACHE/addons-lint-$(cat "$lint"/{package-lock.json,requirements.txt,*.cjs,ruff.toml,pylintrc} | sha256sum | cut -c1-12)"
if [[ ! -e "$home/ready" ]]; then
    lock "$(basename "$home")"
    if [[ ! -e "$home/ready" ]]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_package python3-venv
        say "installing what looks at the addons"
        rm -rf "$home"
        mkdir -p "$home"
        cp "$lint"/{package.json,package-lock.json,.npmrc,ruff.toml,pylintrc} "$lint"/*.cjs "$home/"
        (cd "$home" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2)
        python3 -m venv "$home/venv"
        "$home/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$lint/requirements.txt" >&2
        touch "$home/ready"
    fi
fi

failed=0
look() {
    "$@" >&2 || failed=1
}

mapfile -t addons < <(find odoo_addon -mindepth 2 -maxdepth 2 -name __manifest__.py -printf '%h\n' | sort)
mapfile -t shown < <(git ls-files --cached --others --exclude-standard 'odoo_addon/*.js' 'odoo_addon/*.scss' 'odoo_addon/*.xml')
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard 'odoo_addon/*.js')
ruff=("$home/venv/bin/ruff")
prettier=("$home/node_modules/.bin/prettier" --config "$home/prettier.config.cjs" --log-level warn)
readme=("$home/venv/bin/python" "$lint/readme.py")

if [[ "${1:-}" == --fix ]]; then
    "${ruff[@]}" check --no-cache --quiet --config "$home/ruff.toml" --fix odoo_addon || true
    "${ruff[@]}" format --no-cache --quiet --config "$home/ruff.toml" odoo_addon
    "${prettier[@]}" --write "${shown[@]}"
    "${readme[@]}" "${addons[@]}"
    exit
fi
look "${ruff[@]}" check --no-cache --quiet --config "$home/ruff.toml" odoo_addon
look "${ruff[@]}" format --no-cache --quiet --config "$home/ruff.toml" --check odoo_addon
look "$home/venv/bin/pylint" --rcfile "$home/pylintrc" "${addons[@]}"
look "$home/node_modules/.bin/eslint" --config "$home/eslint.config.cjs" --max-warnings 0 "${scripts[@]}"
look "${prettier[@]}" --check "${shown[@]}"
look "${readme[@]}" --check "${addons[@]}"
[[ "$failed" == 0 ]] || fail "mend the addons; \`make fmt\` does what can be done by itself"
