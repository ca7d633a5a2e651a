# SPDX-License-Identifier: Apache-2.0
"""Who exists: the recipient file and the probe, their modes, and what happens when a source breaks (RULES R8, R9, R10a)."""

import time
import unittest

from lib import peers, smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway

STORE = "127.0.0.16"
PEOPLE = ["postmaster", "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan"]


class Source(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = cls.enterClassContext(ScriptedBackend(STORE))

    def setUp(self):
        self.store.script = {}
        self.store.messages.clear()
        self.store.commands.clear()
        self.store.dots = 0

    def gateway(self, **options):
        return Gateway(f"smtp://{STORE}:25", **options)

    def code(self, gateway, recipient, **options):
        return gateway.deliver(recipient, **options).rcpt[0].code

    def asked(self, address):
        return [line for _, line in self.store.commands if line.upper().startswith("RCPT") and f"<{address}>" in line]


class File(Source):
    def test_modes(self):
        for mode, code in (("observe", 250), ("450", 450), ("550", 550)):
            with self.subTest(mode=mode), self.gateway(people=PEOPLE, mode=mode) as gateway:
                self.assertEqual(self.code(gateway, "nobody@example.org"), code)
                self.assertEqual(self.code(gateway, "alice@example.org"), 250)

    def test_observe_tells_what_it_would_have_done(self):
        with self.gateway(people=PEOPLE, mode="observe") as gateway:
            self.code(gateway, "nobody@example.org")
            peers.wait_for("the reason in the journal", lambda: "unknown-recipient-observed" in str(gateway.rows()))

    def test_spellings(self):
        with self.gateway(people=PEOPLE) as gateway:
            for known in ("ALICE@example.org", "alice@EXAMPLE.ORG", "alice+tag@example.org", '"alice"@example.org',
                          "Postmaster", "abuse@example.org"):
                with self.subTest(known=known):
                    self.assertEqual(self.code(gateway, known), 250)
            for unknown in ("alic@example.org", "alice.@example.org", "+tag@example.org", "nobody+alice@example.org"):
                with self.subTest(unknown=unknown):
                    self.assertEqual(self.code(gateway, unknown) // 100, 5)

    def test_unknown_is_refused_without_the_backend(self):
        with self.gateway(people=PEOPLE) as gateway:
            self.assertEqual(self.code(gateway, "nobody@example.org"), 550)
            self.assertEqual(self.asked("nobody@example.org"), [])

    def test_the_backends_word_is_the_last(self):
        """A known recipient's RCPT goes to the backend, and its answer is the client's (R10a)."""
        with self.gateway(people=PEOPLE) as gateway:
            self.store.script = {"rcpt alice@example.org": "550 5.1.1 gone since today"}
            self.assertEqual(self.code(gateway, "alice@example.org"), 550)
            self.store.script = {"rcpt bob@example.org": "452 4.2.2 full"}
            self.assertEqual(self.code(gateway, "bob@example.org"), 452)

    def test_is_read_again_when_it_changes(self):
        with self.gateway(people=PEOPLE) as gateway:
            self.assertEqual(self.code(gateway, "newcomer@example.org"), 550)
            gateway.write_people([*PEOPLE, "newcomer"])
            peers.wait_for("the newcomer", lambda: self.code(gateway, "newcomer@example.org") == 250, 20)

    def test_a_reload_that_shrinks_keeps_the_old_list(self):
        with self.gateway(people=PEOPLE) as gateway:
            gateway.write_people(["postmaster", "alice"])
            gateway.reload()
            time.sleep(3)
            self.assertEqual(self.code(gateway, "heidi@example.org"), 250)
            self.assertIn("recipients", gateway.log().lower())

    def test_an_emptied_file_keeps_the_old_list(self):
        with self.gateway(people=PEOPLE) as gateway:
            gateway.write_people([])
            gateway.reload()
            time.sleep(3)
            self.assertEqual(self.code(gateway, "heidi@example.org"), 250)
            self.assertEqual(self.code(gateway, "alice@example.org"), 250)

    def test_a_missing_canary_means_that_the_source_is_down(self):
        with self.gateway(people=[person for person in PEOPLE if person != "postmaster"]) as gateway:
            self.assertEqual(self.code(gateway, "nobody@example.org"), 451)
            self.assertEqual(self.code(gateway, "postmaster@example.org"), 250)

    def test_a_missing_file_means_that_the_source_is_down(self):
        config = {"recipients": {"people": {"file": "/nonexistent/recipients", "canary": "postmaster@example.org"}}}
        try:
            gateway = self.gateway(people=PEOPLE, config=config)
        except AssertionError as error:  # refusing to start with a clear word is right as well
            self.assertIn("/nonexistent/recipients", str(error))
            return
        with gateway:
            self.assertEqual(self.code(gateway, "nobody@example.org"), 451)


class Probe(Source):
    """The backend is asked: it knows alice, bob and postmaster only."""

    def setUp(self):
        super().setUp()
        self.known()

    def known(self):
        self.store.script = {f"rcpt {who}@example.org": "250 2.1.5 Ok" for who in ("alice", "bob", "postmaster")}
        self.store.script["rcpt"] = "550 5.1.1 no such user"

    def gateway(self, **source):
        config = {"recipients": {"asked": {"probe": True, "canary": "postmaster@example.org", "mode": "550", **source}},
                  "domain": {"example.org": {"recipients": ["asked"]}},
                  "backend": {"main": {"pool": 0, "timeouts": {"connect": "1s", "greeting": "1s", "command": "1s"}}}}
        return Gateway(f"smtp://{STORE}:25", people=None, config=config)

    def test_known_and_unknown(self):
        with self.gateway() as gateway:
            self.assertEqual(self.code(gateway, "nobody@example.org"), 550)
            self.assertEqual(self.code(gateway, "alice@example.org"), 250)

    def test_a_refusal_is_remembered_for_a_while(self):
        with self.gateway(negative_lifetime="2s") as gateway:
            self.assertEqual(self.code(gateway, "late@example.org"), 550)
            asked = len(self.asked("late@example.org"))
            self.store.script["rcpt late@example.org"] = "250 2.1.5 Ok"
            self.assertEqual(self.code(gateway, "late@example.org"), 550)
            self.assertEqual(len(self.asked("late@example.org")), asked, "the backend was asked again")
            peers.wait_for("the end of the negative lifetime", lambda: self.code(gateway, "late@example.org") == 250, 20)

    def test_what_is_known_survives_a_restart(self):
        with self.gateway() as gateway:
            self.assertEqual(self.code(gateway, "nobody@example.org"), 550)
            time.sleep(1)
            gateway.halt()
            self.store.commands.clear()
            gateway.start()
            self.assertEqual(self.code(gateway, "nobody@example.org"), 550)
            self.assertEqual(self.asked("nobody@example.org"), [], "the negative answer was forgotten")

    def test_backend_down(self):
        with self.gateway() as gateway:
            self.assertEqual(self.code(gateway, "alice@example.org"), 250)
            self.store.script = {"greeting": "<close>"}
            self.assertEqual(self.code(gateway, "stranger@example.org", timeout=40), 451)
            self.assertEqual(self.code(gateway, "alice@example.org", timeout=40), 451)

    def test_probes_leave_no_mail(self):
        with self.gateway() as gateway:
            for number in range(10):
                self.code(gateway, f"guess{number}@example.org")
        self.assertEqual(self.store.messages, [])
        self.assertEqual(self.store.dots, 0)


class Journal(Source):
    def test_explain_and_log(self):
        with self.gateway(people=PEOPLE) as gateway:
            sent = gateway.deliver("nobody@example.org", sender="someone@sender.test")
            self.assertEqual(sent.rcpt[0].code, 550)
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            rows = peers.wait_for("two rows", lambda: (found := gateway.rows()) and len(found) >= 2 and found)
            row = next(row for row in rows if "unknown-recipient" in str(row))
            story = gateway.command("explain", "-c", gateway.config_file, row["id"])
            self.assertEqual(story.returncode, 0, story.stderr)
            self.assertIn("nobody@example.org", story.stdout)
            self.assertIn("unknown-recipient", story.stdout)
            wrong = gateway.command("explain", "-c", gateway.config_file, "a" * 16)
            self.assertIn(wrong.returncode, (1, 2))
            self.assertTrue(wrong.stderr + wrong.stdout)

    def test_an_unclean_stop_is_told(self):
        with self.gateway(people=PEOPLE) as gateway:
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            time.sleep(1)
            gateway.kill()
            gateway.start()
            peers.wait_for("the row", lambda: "unclean-stop" in str(gateway.rows()))

    def test_health_and_metrics(self):
        with self.gateway(people=PEOPLE) as gateway:
            gateway.deliver("nobody@example.org")
            self.assertIn("anechoic_", gateway.metrics())

    def test_reload_whole_or_not_at_all(self):
        with self.gateway(people=PEOPLE) as gateway:
            gateway.config["inbound"]["message_size"] = "1M"
            gateway.write_config()
            gateway.reload()

            def size():
                with gateway.client() as client:
                    client.ehlo()
                    return client.extensions["SIZE"]

            peers.wait_for("the new size", lambda: size() == str(1 << 20) or size() == "1000000", 20)
            before = size()
            gateway.config_file.write_text("this is = = no toml\n")
            gateway.reload()
            time.sleep(1)
            self.assertEqual(size(), before)
            self.assertTrue(gateway.deliver("alice@example.org").taken)


if __name__ == "__main__":
    unittest.main()
