# SPDX-License-Identifier: Apache-2.0
"""Mailboxes with a flood in them, for the tests of triage."""

import shutil
import unittest

from lib import roots


class Mailboxes(unittest.TestCase):
    """A folder of its own for each test, with a flood in it."""

    def setUp(self):
        self.folder = roots.run_folder("triage")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def make(self, kind, content):
        """Writes the flood as an mbox, Maildir or Maildir++ tree; returns where, the folder to compare, and --sent."""
        sent = self.folder / "sent"
        content.write_sent(sent)
        place = self.folder / kind
        place.mkdir()
        if kind == "mbox":
            content.write_mbox(place / "inbox")
            return place / "inbox", place, sent
        content.write_maildir(place / "Maildir", ("",) if kind == "maildir" else ("", ".Lists", ".Lists.Users"))
        return place / "Maildir", place, sent
