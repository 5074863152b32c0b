# Makes an addon's README.rst and static/description/index.html from the fragments in readme/, in the OCA's layout.
#
#   readme.py ADDON...            makes them anew
#   readme.py --check ADDON...    fails when the committed ones are not what the fragments say, or are not sound
import ast
import io
import sys
from pathlib import Path

from docutils.core import publish_string

SECTIONS = [
    ("CONTEXT", "Use Cases / Context"),
    ("INSTALL", "Installation"),
    ("CONFIGURE", "Configuration"),
    ("USAGE", "Usage"),
    ("DEVELOP", "Development"),
    ("ROADMAP", "Known issues / Roadmap"),
    ("HISTORY", "Changelog"),
]
STYLE = Path(__file__).with_name("readme.css")
NOTE = ".. This file is made from the fragments in readme/; change those and run make fmt."


def title(text, line):
    return f"{text}\n{line * len(text)}"


def readme(addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))
    name = manifest["name"]
    fragments = {file.stem: file.read_text(encoding="utf-8").strip() for file in (addon / "readme").glob("*.rst")}
    parts = [f"{'=' * len(name)}\n{title(name, '=')}", NOTE, fragments["DESCRIPTION"]]
    parts += [f".. figure:: static/description/{picture.name}\n   :alt: {picture.stem.removeprefix('screen_').replace('_', ' ')}" for picture in pictures(addon)]
    parts += ["**Table of contents**", ".. contents::\n   :local:"]
    for fragment, heading in SECTIONS:
        if fragment in fragments:
            parts += [title(heading, "="), fragments[fragment]]
    authors = "\n".join(f"* {author.strip()}" for author in manifest["author"].split(","))
    parts += [title("Credits", "="), title("Authors", "-"), authors]
    if "CONTRIBUTORS" in fragments:
        parts += [title("Contributors", "-"), fragments["CONTRIBUTORS"]]
    parts += [title("Licence", "-"), f"{manifest['license']}, version {manifest['version']} for Odoo {manifest['version'][:4]}."]
    return "\n\n".join(parts) + "\n"


def pictures(addon):
    return sorted((addon / "static/description").glob("screen_*.png"))


def page(text):
    """The same as HTML; raises when the text is not sound."""
    complaints = io.StringIO()
    settings = {
        "halt_level": 2,
        "report_level": 2,
        "warning_stream": complaints,
        "stylesheet_path": str(STYLE),
        "embed_stylesheet": True,
        "datestamp": None,
        "generator": None,
    }
    html = publish_string(text.replace("static/description/", ""), writer="html5", settings_overrides=settings).decode()
    return "\n".join(line.rstrip() for line in html.splitlines()) + "\n"


def main(arguments):
    stale = []
    for addon in (Path(argument) for argument in arguments if argument != "--check"):
        text = readme(addon)
        for file, wanted in ((addon / "README.rst", text), (addon / "static/description/index.html", page(text))):
            if "--check" not in arguments:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(wanted, encoding="utf-8")
            elif not file.exists() or file.read_text(encoding="utf-8") != wanted:
                stale.append(str(file))
    if stale:
        sys.exit("not what the fragments say: " + ", ".join(stale))


main(sys.argv[1:])
