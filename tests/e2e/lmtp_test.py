# SPDX-License-Identifier: Apache-2.0
"""An LMTP store behind the gateway: Dovecot, and a scripted one for what Dovecot never does. LMTP answers for each
recipient, SMTP once for all: mixed results are 451 and are sorted out when the client comes again (RULES R3)."""

import unittest

from lib import peers, smtp
from lib.backend import CLOSE, HANG, ScriptedBackend
from lib.gateway import Gateway

ADDRESS = "127.0.0.13"


class DovecotBehind(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = cls.enterClassContext(peers.Dovecot())
        cls.gateway = cls.enterClassContext(Gateway(f"lmtp://{cls.peer.address}:{cls.peer.port}", people=None))

    def test_known_and_unknown(self):
        sent = self.gateway.deliver(["alice@example.org", "nobody@example.org"], smtp.message("lmtp plain"))
        self.assertEqual([reply.kind for reply in sent.rcpt], [2, 5])
        self.assertTrue(sent.taken, sent)
        mail = self.peer.wait_mail("alice", "lmtp plain")
        self.assertIn(b"by mx.example.org", mail)

    def test_two_recipients(self):
        self.assertTrue(self.gateway.deliver(["alice@example.org", "bob@example.org"], smtp.message("lmtp pair")).taken)
        self.peer.wait_mail("alice", "lmtp pair")
        self.peer.wait_mail("bob", "lmtp pair")

    def test_refused_after_data(self):
        sent = self.gateway.deliver("full@example.org", smtp.message("lmtp full"))
        self.assertEqual(sent.end.kind, 5, sent)

    def test_mixed_results_and_the_retry(self):
        content = smtp.message("lmtp mixed")
        people = ["alice@example.org", "full@example.org", "bob@example.org"]
        first = self.gateway.deliver(people, content, sender="mixed@sender.test")
        self.assertEqual(first.end.code, 451, first)
        again = self.gateway.deliver(people, content, sender="mixed@sender.test")
        self.assertEqual([reply.kind for reply in again.rcpt], [2, 5, 2], again)
        self.assertTrue(again.taken, again)
        for who in ("alice", "bob"):
            copies = [mail for mail in self.peer.mail(who) if b"lmtp mixed" in mail]
            self.assertEqual(len(copies), 1, f"copies at {who}")
        self.assertEqual(self.peer.mail("full"), [])

    def test_mixed_results_survive_a_restart(self):
        content = smtp.message("lmtp restart")
        people = ["alice@example.org", "full@example.org"]
        self.assertEqual(self.gateway.deliver(people, content, sender="restart@sender.test").end.code, 451)
        self.gateway.halt()
        self.gateway.start()
        again = self.gateway.deliver(people, content, sender="restart@sender.test")
        self.assertEqual([reply.kind for reply in again.rcpt], [2, 5], again)
        self.assertTrue(again.taken, again)
        self.assertEqual(len([mail for mail in self.peer.mail("alice") if b"lmtp restart" in mail]), 1)

    def test_another_message_after_mixed_results_is_delivered(self):
        people = ["alice@example.org", "full@example.org"]
        self.gateway.deliver(people, smtp.message("lmtp first"), sender="other@sender.test")
        self.assertTrue(self.gateway.deliver("alice@example.org", smtp.message("lmtp second"), sender="other@sender.test").taken)
        self.peer.wait_mail("alice", "lmtp second")

    def test_unix_socket(self):
        with Gateway(f"lmtp://{self.peer.socket()}", people=None, port=2526, http=8026) as gateway:
            self.assertTrue(gateway.deliver("bob@example.org", smtp.message("lmtp unix")).taken)
            self.peer.wait_mail("bob", "lmtp unix")
            self.assertEqual(gateway.deliver("nobody@example.org").rcpt[0].kind, 5)


class ScriptedStore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = cls.enterClassContext(ScriptedBackend(ADDRESS, 24, lmtp=True))
        short = {"pool": 0, "timeouts": {"connect": "1s", "greeting": "1s", "command": "1s", "data_done": "1s"}}
        cls.gateway = cls.enterClassContext(Gateway(f"lmtp://{ADDRESS}:24", people=None, config={
            "backend": {"main": short}, "domain": {"example.org": {"catch_all": True}}}))

    def end(self, script, people, sender):
        self.store.script = script
        self.store.messages.clear()
        sent = self.gateway.deliver(people, sender=sender, timeout=40)
        self.store.script = {}
        return sent.end or sent.rcpt[0]

    def test_all_alike(self):
        people = ["a@example.org", "b@example.org"]
        self.assertEqual(self.end({}, people, "s1@sender.test").kind, 2)
        self.assertEqual(self.end({"dot": "550 5.7.1 no"}, people, "s2@sender.test").kind, 5)
        self.assertEqual(self.end({"dot": "450 4.2.0 later"}, people, "s3@sender.test").kind, 4)

    def test_refused_and_deferred_is_deferred(self):
        script = {"dot a@example.org": "550 5.7.1 no", "dot b@example.org": "451 4.3.0 later"}
        self.assertEqual(self.end(script, ["a@example.org", "b@example.org"], "s4@sender.test").kind, 4)

    def test_breaks_between_the_answers(self):
        for name, act in (("close", CLOSE), ("hang", HANG)):
            with self.subTest(how=name):
                reply = self.end({"dot b@example.org": act}, ["a@example.org", "b@example.org"], f"{name}@sender.test")
                self.assertEqual(reply.kind, 4)

    def test_breaks_at_every_step(self):
        for step in ("greeting", "lhlo", "mail", "rcpt", "data", "dot"):
            for act in (CLOSE, HANG):
                with self.subTest(step=step, act=act):
                    self.assertEqual(self.end({step: act}, ["a@example.org"], f"{step}@sender.test").kind, 4)


if __name__ == "__main__":
    unittest.main()
