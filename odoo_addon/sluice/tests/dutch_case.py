# What a Dutch translation promises, for the tests of each Sluice addon.
import io
import re

import polib

from odoo.tests import TransactionCase
from odoo.tools.misc import file_path
from odoo.tools.translate import trans_export

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}")
# By these lines Odoo decides whether the browser gets a text at all.
SIDES = ("odoo-javascript", "odoo-python")


def sides(entry):
    return {line for line in (entry.comment or "").splitlines() if line in SIDES}


def places(entry):
    """The records that show the text: Odoo translates it in no other ones."""
    return {kind for kind, _line in entry.occurrences if not kind.startswith("code:")}


def speak_dutch(env):
    """Odoo knows the Dutch of our addons from now on."""
    env["res.lang"]._activate_lang("nl_NL")
    env["ir.module.module"].search(
        [("name", "=like", "sluice%"), ("state", "=", "installed")]
    )._update_translations(["nl_NL"])


class DutchCase(TransactionCase):
    def check_dutch(self, addon):
        """Fails unless the addon's nl.po has each of its texts, and no other, with the
        same placeholders.
        """
        exported = io.BytesIO()
        trans_export(None, [addon], exported, "po", self.env)
        texts = {
            entry.msgid: entry for entry in polib.pofile(exported.getvalue().decode())
        }
        dutch = {
            entry.msgid: entry
            for entry in polib.pofile(file_path(f"{addon}/i18n/nl.po"))
            if not entry.obsolete
        }
        self.assertGreater(len(texts), 50)
        self.assertFalse(
            sorted(
                text for text in texts if text not in dutch or not dutch[text].msgstr
            ),
            "add these to i18n/nl.po",
        )
        self.assertFalse(
            sorted(dutch.keys() - texts.keys()),
            "nobody says these any more: drop them from i18n/nl.po",
        )
        for text, entry in dutch.items():
            self.assertFalse(entry.fuzzy, text)
            self.assertCountEqual(
                PLACEHOLDER.findall(text), PLACEHOLDER.findall(entry.msgstr), text
            )
            self.assertLessEqual(
                sides(texts[text]),
                sides(entry),
                f"{text}: without this line it stays English there",
            )
            self.assertFalse(
                sorted(places(texts[text]) - places(entry)),
                f"{text}: it stays English in these places",
            )
