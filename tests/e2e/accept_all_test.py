# SPDX-License-Identifier: Apache-2.0
"""Backends that accept every recipient and bounce afterwards. With a recipient file in front nothing bounces anywhere;
without one the gateway finds out and defers, unless the operator said that every address exists (RULES R9)."""

import time
import unittest

from lib import peers, smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway

STRANGERS = [f"{word}@example.org" for word in ("nobody", "sales", "zz9", "alice.smith", "root")]


class AcceptAll:
    server = None

    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(ScriptedBackend("127.0.0.99"))
        cls.peer = cls.enterClassContext(cls.server(ACCEPT_ALL="yes"))
        cls.to = f"smtp://{cls.peer.address}:{cls.peer.port}"

    def no_bounce_anywhere(self):
        self.peer.wait_idle()
        time.sleep(0.5)
        self.assertEqual(self.world.messages, [], "somebody got backscatter")
        self.assertEqual(self.peer.bounces(), [])
        self.assertEqual(self.peer.queued(), [])

    def test_a_with_a_recipient_file_nothing_bounces(self):
        with Gateway(self.to, people=["postmaster", "alice", "bob"]) as gateway:
            for stranger in STRANGERS:
                with self.subTest(stranger=stranger):
                    sent = gateway.deliver(stranger, sender="victim@forged.test")
                    self.assertEqual(sent.rcpt[0].code, 550, sent)
            sent = gateway.deliver(["alice@example.org", "nobody@example.org"], smtp.message("the known of two"))
            self.assertEqual([reply.kind for reply in sent.rcpt], [2, 5])
            self.assertTrue(sent.taken, sent)
            self.peer.wait_mail("alice", "the known of two")
        self.no_bounce_anywhere()

    def test_b_with_a_probe_only_it_is_found_out(self):
        config = {"recipients": {"asked": {"probe": True, "canary": "postmaster@example.org", "mode": "550"}},
                  "domain": {"example.org": {"recipients": ["asked"]}}}
        with Gateway(self.to, people=None, config=config) as gateway:
            for stranger in STRANGERS:
                with self.subTest(stranger=stranger):
                    sent = gateway.deliver(stranger, sender="victim@forged.test")
                    self.assertEqual(sent.rcpt[0].kind, 4, sent)
        self.no_bounce_anywhere()

    def test_c_without_any_source_it_is_found_out(self):
        with Gateway(self.to, people=None) as gateway:
            for stranger in STRANGERS:
                with self.subTest(stranger=stranger):
                    sent = gateway.deliver(stranger, sender="victim@forged.test")
                    self.assertEqual(sent.rcpt[0].kind, 4, sent)
        self.no_bounce_anywhere()

    def test_d_catch_all_is_the_operators_word(self):
        with Gateway(self.to, people=None, config={"domain": {"example.org": {"catch_all": True}}}) as gateway:
            self.assertTrue(gateway.deliver("alice@example.org", smtp.message("catch all")).taken)
            self.peer.wait_mail("alice", "catch all")
            self.assertTrue(gateway.deliver("nobody@example.org", sender="victim@forged.test").taken)
        # The control: this is what the operator took upon himself.
        peers.wait_for("the backend's bounce", lambda: self.world.messages)
        self.world.messages.clear()


class PostfixAcceptsAll(AcceptAll, unittest.TestCase):
    server = peers.Postfix


class EximAcceptsAll(AcceptAll, unittest.TestCase):
    server = peers.Exim


if __name__ == "__main__":
    unittest.main()
