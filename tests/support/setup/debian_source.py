"""Prints an apt source line for another suite of the Debian archive that this machine already uses.

Usage: debian_source.py SUITE COMPONENT. Reads deb822 `.sources` files and one-line `.list` files; exits 1 when none is Debian's.
"""

import glob
import os
import re
import sys

ETC = "/etc/apt"
# Suites of the main archive; its security archive has no unstable suite.
MAIN_SUITE = re.compile(r"^(stable|testing|sid|unstable|bullseye|bookworm|trixie|forky)(-updates|-backports)?$")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def deb822_entries(text):
    for stanza in re.split(r"\n\s*\n", text):
        fields = {}
        for line in stanza.splitlines():
            if line.startswith("#") or ":" not in line or line[0].isspace():
                continue
            name, value = line.split(":", 1)
            fields[name.strip().lower()] = value.strip()
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() != "no":
            for uri in fields.get("uris", "").split():
                yield uri, fields.get("suites", "").split(), fields.get("signed-by", "")


def list_entries(text):
    for line in text.splitlines():
        found = re.match(r"^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)", line)
        if found:
            signed = re.search(r"signed-by=(\S+)", found.group(1) or "")
            yield found.group(2), [found.group(3)], signed.group(1) if signed else ""


def entries():
    for path in sorted(glob.glob(f"{ETC}/sources.list.d/*.sources")):
        with open(path, encoding="utf-8") as file:
            yield from deb822_entries(file.read())
    for path in [f"{ETC}/sources.list", *sorted(glob.glob(f"{ETC}/sources.list.d/*.list"))]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                yield from list_entries(file.read())


def main():
    suite, component = sys.argv[1:3]
    for uri, suites, signed_by in entries():
        if "security" not in uri and any(MAIN_SUITE.match(name) for name in suites):
            keyring = signed_by if signed_by.startswith("/") else KEYRING
            option = f"[signed-by={keyring}] " if os.path.exists(keyring) else ""
            print(f"deb {option}{uri} {suite} {component}")
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
