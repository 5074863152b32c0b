# A list of 200 MB: it goes to the server piece by piece, and is refused in words where
# the server takes less.
import re
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.sluice.wire.errors import ServerError

from .upload_case import LIST, UploadCase

MIB = 1 << 20
SIZE = 200 * 1000 * 1000
LIMIT = 100 * MIB
# What sending may cost beyond what Odoo has anyway: pieces on their way.
MOST_MEMORY = 32 * MIB


@tagged("post_install", "-at_install")
class TestLargeList(UploadCase):
    server_settings = {"SLUICE_MAX_FILE_BYTES": str(LIMIT)}

    def stored(self, size):
        """An upload whose file has that size; its content is never whole in memory."""
        upload = self.upload(LIST)
        attachment = upload._attachment()
        path = Path(attachment._full_path(attachment.store_fname))
        large = path.with_name("0" * 40)
        rows = LIST.splitlines(keepends=True)
        with open(large, "wb") as file:
            file.write(rows[0])
            while file.tell() < size:
                file.write(rows[1] * 20_000)
        self.addCleanup(large.unlink)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = %s, checksum = %s WHERE id = %s",
            (f"{large.parent.name}/{large.name}", large.name, attachment.id),
        )
        self.env.invalidate_all()
        return upload

    def memory(self, name):
        """A figure of this process in bytes, such as VmHWM, its highest memory."""
        status = Path("/proc/self/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024

    def in_little_memory(self, act):
        # Forgets how much the process needed so far.
        Path("/proc/self/clear_refs").write_text("5")
        before = self.memory("VmRSS")
        try:
            return act()
        finally:
            self.assertLess(self.memory("VmHWM") - before, MOST_MEMORY)

    def test_what_is_larger_than_the_server_takes_is_refused_in_words(self):
        upload = self.stored(SIZE)
        with self.assertRaises(ServerError) as caught:
            self.in_little_memory(upload.action_read)
        self.assertEqual(caught.exception.reason, "FILE_TOO_LARGE")
        self.assertEqual(caught.exception.metadata["limit_bytes"], str(LIMIT))
        self.assertIn("larger than the 100 MB", str(caught.exception))
        self.assertEqual(upload.step, "list")

    def test_what_the_server_takes_gets_there_in_pieces(self):
        upload = self.stored(90 * MIB)
        sent = self.in_little_memory(upload._upload)
        self.assertTrue(sent)
        self.assertEqual(self.in_little_memory(upload._upload), sent, "it is there")
