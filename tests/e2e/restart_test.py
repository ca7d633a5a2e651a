# SPDX-License-Identifier: Apache-2.0
"""What needs a restart stays as it is until then, and a restart tells of what was cut off before it."""

import signal
import stat
import unittest

from lib import smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway

STORE = "127.0.0.18"
TO = f"smtp://{STORE}:25"


class Restart(unittest.TestCase):
    def test_large_bodies_go_where_they_went(self):
        with ScriptedBackend(STORE), Gateway(TO) as gateway:
            before = gateway.config["state_dir"]
            gateway.config["state_dir"] = gateway.run / "not-made-yet"
            gateway.write_config()
            done = gateway.command("reload", "--state-dir", before)
            self.assertIn("after a restart:\n  state_dir", done.stdout)
            sent = gateway.deliver("alice@example.org", smtp.message("large", ("x" * 70 + "\r\n") * 6000))
            self.assertTrue(sent.taken, sent)

    def test_the_gap_of_a_cut_off_session_is_told(self):
        with ScriptedBackend(STORE), Gateway(TO, config={"stop_grace": "1s"}) as gateway:
            with gateway.client() as client:
                client.ehlo()
                client.mail("a@b.test")
                client.command("RCPT TO:<alice@example.org>")
                client.command("DATA")
                gateway.process.send_signal(signal.SIGTERM)
                self.assertEqual(gateway.process.wait(20), 0)
            gateway.start()
            self.assertTrue(gateway.rows("--reason", "unclean-stop"))

    def test_the_journal_is_not_for_everybody(self):
        with ScriptedBackend(STORE), Gateway(TO) as gateway:
            files = list((gateway.config["state_dir"] / "journal").glob("*.sqlite"))
            self.assertTrue(files)
            self.assertFalse([file for file in files if file.stat().st_mode & stat.S_IRWXO])


if __name__ == "__main__":
    unittest.main()
