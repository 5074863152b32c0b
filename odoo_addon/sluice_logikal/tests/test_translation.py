# The Dutch translation of this addon.
from odoo.tests import tagged

from odoo.addons.sluice.tests.dutch_case import DutchCase


@tagged("post_install", "-at_install")
class TestTranslation(DutchCase):
    def test_dutch_is_complete(self):
        self.check_dutch("sluice_logikal")
