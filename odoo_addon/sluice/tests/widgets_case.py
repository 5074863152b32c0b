# The tests of an addon's widgets, which run in a real browser, for the tests of each
# Sluice addon.
import re
from pathlib import Path

from odoo.tests import HttpCase
from odoo.tools.misc import file_path


def suite(path):
    """Hoot's own number of a suite, by which a page runs that suite only."""
    number = 0
    for letter in path:
        number = ((number << 5) - number + ord(letter)) & 0xFFFFFFFF
    return f"{number:08x}"


def is_not_of_a_test(message):
    """A failing test is told at the end, with all others that fail."""
    return "[HOOT]" not in message


class WidgetsCase(HttpCase):
    def check_widgets(self, addon):
        """Fails unless each test below the addon's `static/tests` passes."""
        files = Path(file_path(f"{addon}/static/tests")).glob("*.test.js")
        expected = sum(
            len(re.findall(r"^test\(", file.read_text(), re.MULTILINE))
            for file in files
        )
        self.assertGreater(expected, 0)
        with self.assertLogs(self._logger.getChild("browser"), "INFO") as said:
            try:
                self.browser_js(
                    "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
                    f"&id={suite('@' + addon)}",
                    "",
                    "",
                    login="admin",
                    timeout=600,
                    success_signal="[HOOT] Test suite succeeded",
                    error_checker=is_not_of_a_test,
                )
            except AssertionError as error:
                # What was caught above is not in the log.
                raise AssertionError(
                    "\n".join(
                        line
                        for line in said.output
                        if line.startswith(("ERROR", "WARNING"))
                    )
                ) from error
        # A suite that nobody finds succeeds too.
        self.assertIn(f"Passed {expected} tests", "\n".join(said.output))
