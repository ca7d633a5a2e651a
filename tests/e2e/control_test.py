# SPDX-License-Identifier: Apache-2.0
"""The laboratory itself: each peer does directly what the other tests rely on. Without these controls a green test could
mean that the peer never refused, never bounced, or never could be smuggled into."""

import unittest

from lib import peers, smtp
from lib.backend import ScriptedBackend


class Backends:
    """What Postfix and Exim do as backends, without a gateway."""

    def refuses(self, recipient, kind):
        sent = smtp.deliver(self.peer.address, self.peer.port, recipient)
        self.assertEqual([reply.kind for reply in sent.rcpt], [kind], sent)

    def test_known_user(self):
        content = smtp.message("control known")
        self.assertTrue(smtp.deliver(self.peer.address, self.peer.port, "alice@example.org", content).taken)
        self.peer.wait_mail("alice", "control known")

    def test_unknown_user(self):
        self.refuses("nobody@example.org", 5)

    def test_refusals_at_rcpt(self):
        self.refuses("refused550@example.org", 5)
        self.refuses("refused450@example.org", 4)

    def test_refusals_after_data(self):
        for sender, subject, kind in (("sender@sender.test", "refuse this content", 5),
                                      ("refuse-end@sender.test", "fine", 5), ("defer-end@sender.test", "fine", 4)):
            with self.subTest(sender=sender, subject=subject):
                sent = smtp.deliver(self.peer.address, self.peer.port, "alice@example.org", smtp.message(subject),
                                    sender=sender)
                self.assertEqual(sent.end.kind, kind, sent)

    def test_would_relay_for_the_gateway(self):
        sent = smtp.deliver(self.peer.address, self.peer.port, "victim@elsewhere.test")
        self.assertTrue(sent.taken, sent)

    def test_would_not_relay_for_strangers(self):
        sent = smtp.deliver(self.peer.address, self.peer.port, "victim@elsewhere.test", source="127.0.0.77")
        self.assertIn(sent.rcpt[0].kind, (4, 5), sent)


class PostfixControl(Backends, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(ScriptedBackend("127.0.0.99"))
        cls.peer = cls.enterClassContext(peers.Postfix())

    def test_offers_xforward_to_the_gateway(self):
        with smtp.Client(self.peer.address) as client:
            client.ehlo()
            self.assertIn("XFORWARD", client.extensions)
            self.assertIn("STARTTLS", client.extensions)


class EximControl(Backends, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(ScriptedBackend("127.0.0.99"))
        cls.peer = cls.enterClassContext(peers.Exim())


class AcceptAll(unittest.TestCase):
    """The backend that makes backscatter: unknown users are taken and bounce to the (forged) sender."""

    def bounces(self, peer):
        with ScriptedBackend("127.0.0.99") as world, peer(ACCEPT_ALL="yes") as server:
            sent = smtp.deliver(server.address, server.port, "nobody@example.org", sender="victim@forged.test")
            self.assertTrue(sent.taken, sent)
            peers.wait_for("the bounce at the victim", lambda: world.messages)
            self.assertEqual(world.messages[0].sender, "")
            self.assertEqual(world.messages[0].recipients, ["victim@forged.test"])
            self.assertTrue(server.bounces())

    def test_postfix(self):
        self.bounces(peers.Postfix)

    def test_exim(self):
        self.bounces(peers.Exim)


class DovecotControl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = cls.enterClassContext(peers.Dovecot())

    def test_mixed_results(self):
        with smtp.Client(self.peer.address, self.peer.port) as client:
            client.ehlo(verb="LHLO")
            client.mail("sender@sender.test")
            codes = [client.rcpt(f"{who}@example.org").kind for who in ("alice", "nobody", "full", "bob")]
            self.assertEqual(codes, [2, 5, 2, 2])
            client.command("DATA")
            client.send(smtp.stuffed(smtp.message("mixed")) + b".\r\n")
            self.assertEqual([reply.kind for reply in client.replies(3)], [2, 5, 2])
        self.peer.wait_mail("alice", "mixed")
        self.peer.wait_mail("bob", "mixed")
        self.assertEqual(self.peer.mail("full"), [])


if __name__ == "__main__":
    unittest.main()
