# SPDX-License-Identifier: Apache-2.0
"""`anechoic check`: what it finds out about a backend, a file, a port, and what it prints for the operator (R1, R9, R10)."""

import json
import subprocess
import unittest

from lib import roots
from lib.backend import ScriptedBackend
from lib.gateway import BINARY, Gateway

ADDRESS = "127.0.0.17"
NO = "550 5.1.1 no such user"


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = cls.enterClassContext(ScriptedBackend(ADDRESS))

    def setUp(self):
        self.run = roots.run_folder("check")
        (self.run / "people").write_text("postmaster@example.org\nalice@example.org\n")
        self.store.script = {"rcpt": NO, "rcpt postmaster@example.org": "250 2.1.5 ok"}

    def check(self, *, to=f"smtp://{ADDRESS}:25", backend="", domain="", more=""):
        config = self.run / "anechoic.toml"
        config.write_text(f"""hostname = "mx.example.org"
state_dir = "{self.run}/state"
[inbound]
listen = "127.0.0.1:2528"
[http]
listen = ""
[backend.main]
to = "{to}"
{backend}
[auth]
checks = false
[domain."example.org"]
{domain}
{more}
""")
        done = subprocess.run([BINARY, "check", "-c", config, "--json"], capture_output=True, text=True, timeout=60)
        if done.returncode == 2:
            return 2, done.stderr
        return done.returncode, json.loads(done.stdout)

    def bad(self, found):
        return [finding["text"] for finding in found["findings"] if finding["weight"] == "bad"]

    def test_a_good_backend(self):
        status, found = self.check()
        self.assertEqual(self.bad(found), [])
        self.assertIn("does not relay", str(found["findings"]))
        self.assertIn(f"{ADDRESS}:25 inet", found["postfix"])
        self.assertTrue(found["may_still_bounce"])
        self.assertEqual(status, 1)  # no TLS is a warning

    def test_an_open_relay(self):
        self.store.script["rcpt relay-test@example.com"] = "250 2.1.5 ok"
        status, found = self.check()
        self.assertEqual(status, 1)
        self.assertTrue(any("open relay" in text and "relay-test@example.com" in text for text in self.bad(found)), found)

    def test_a_routed_form(self):
        self.store.script["rcpt relay-test%example.com@example.org"] = "250 2.1.5 ok"
        _, found = self.check()
        self.assertTrue(any("open relay" in text and "%" in text for text in self.bad(found)), found)

    def test_one_that_accepts_everything(self):
        self.store.script = {"rcpt relay-test@example.com": NO, "rcpt relay-test@[192.0.2.1]": NO}
        _, found = self.check()
        self.assertTrue(any("accepts every address" in text for text in self.bad(found)), found)
        _, found = self.check(domain="catch_all = true")
        self.assertEqual(self.bad(found), [])
        people = f'[recipients.people]\nfile = "{self.run}/people"\ncanary = "postmaster@example.org"\nmode = 550'
        _, found = self.check(domain='recipients = "people"', more=people)
        self.assertEqual(self.bad(found), [])

    def test_identity_that_is_not_offered(self):
        _, found = self.check(backend='identity = "xforward"')
        self.assertTrue(any("XFORWARD" in text for text in self.bad(found)), found)

    def test_a_backend_that_is_not_there(self):
        _, found = self.check(to="smtp://127.0.0.1:9")
        self.assertTrue(any("Connection refused" in text for text in self.bad(found)), found)

    def test_a_broken_source(self):
        for name, canary in (("missing", "postmaster@example.org"), ("people", "chief@example.org")):
            with self.subTest(name=name):
                more = f'[recipients.people]\nfile = "{self.run}/{name}"\ncanary = "{canary}"\nmode = 550'
                _, found = self.check(domain='recipients = "people"', more=more)
                self.assertEqual(len(self.bad(found)), 1, found)

    def test_a_port_in_use(self):
        with Gateway(f"smtp://{ADDRESS}:25", port=2528, http=0) as gateway:
            _, found = self.check()
            self.assertTrue(any("2528" in text for text in self.bad(found)), found)
            # Its own configuration is no trouble: the daemon that has the port is itself.
            done = gateway.command("check", "-c", gateway.config_file, "--json")
            self.assertEqual(self.bad(json.loads(done.stdout)), [])

    def test_a_certificate_that_ends(self):
        inbound = '[inbound]\nlisten = "127.0.0.1:2528"\n'
        for days, word in ((0, "no longer valid"), (3, "renew it"), (90, "valid until")):
            with self.subTest(days=days):
                subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                                "-subj", "/CN=mx.example.org", "-keyout", self.run / "key", "-out", self.run / "request"],
                               check=True, capture_output=True)
                subprocess.run(["openssl", "x509", "-req", "-in", self.run / "request", "-signkey", self.run / "key",
                                "-days", str(days), "-out", self.run / "certificate"], check=True, capture_output=True)
                files = f'tls_certificate = "{self.run}/certificate"\ntls_key = "{self.run}/key"\n'
                config = self.run / "anechoic.toml"
                self.check()
                config.write_text(config.read_text().replace(inbound, inbound + files))
                done = subprocess.run([BINARY, "check", "-c", config, "--json"], capture_output=True, text=True, timeout=60)
                self.assertIn(word, done.stdout)

    def test_a_wrong_file(self):
        status, text = self.check(backend='tsl = "never"')
        self.assertEqual(status, 2)
        self.assertIn("did you mean backend.main.tls?", text)


if __name__ == "__main__":
    unittest.main()
