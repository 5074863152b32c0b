# The Dutch words are complete: each text of the addon has one, with the same placeholders.
import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import trans_export

ADDON = "sluice_supplier_import"
PLACEHOLDER = re.compile(r"%\(\w+\)s")


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    def test_every_text_is_there_in_dutch(self):
        exported = io.BytesIO()
        trans_export(None, [ADDON], exported, "po", self.env)
        texts = {entry.msgid for entry in polib.pofile(exported.getvalue().decode())}
        dutch = {entry.msgid: entry.msgstr for entry in polib.pofile(file_path(f"{ADDON}/i18n/nl.po"))}
        self.assertFalse(sorted(text for text in texts if not dutch.get(text)))
        for text, translated in dutch.items():
            self.assertEqual(set(PLACEHOLDER.findall(text)), set(PLACEHOLDER.findall(translated)), text)
