# The tests of the addon's widgets.
from odoo.tests import no_retry, tagged

from odoo.addons.sluice.tests.widgets_case import WidgetsCase


@tagged("post_install", "-at_install")
class TestScreens(WidgetsCase):
    @no_retry
    def test_widgets(self):
        self.check_widgets("sluice_supplier_import")
