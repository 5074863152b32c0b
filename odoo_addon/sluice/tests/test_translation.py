# The Dutch translation: every text is in it.
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import PoFileReader, TranslationModuleReader


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    def test_dutch_is_complete(self):
        with file_open("sluice/i18n/nl.po", "rb") as file:
            dutch = {row["src"]: row["value"] for row in PoFileReader(file)}
        texts = {source for _module, _type, _name, _id, source, *_rest in TranslationModuleReader(self.env.cr, ["sluice"], None)}
        self.assertGreater(len(texts), 100)
        self.assertFalse([source for source in sorted(texts) if not dutch.get(source)], "add these to i18n/nl.po")
