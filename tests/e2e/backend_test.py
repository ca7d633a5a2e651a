# SPDX-License-Identifier: Apache-2.0
"""Postfix and Exim behind the gateway: the client hears what the backend says, and what it was told is true."""

import time
import unittest

from lib import peers, smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway

# R1: addresses that must never leave by us, whatever the backend would do for its trusted gateway.
RELAY_ATTEMPTS = [
    "victim@elsewhere.test", "victim%elsewhere.test@example.org", "elsewhere.test!victim@example.org",
    '"victim@elsewhere.test"@example.org', '"victim%elsewhere.test"@example.org', "@example.org:victim@elsewhere.test",
    "@elsewhere.test,@example.org:victim@elsewhere.test", "victim@example.org@elsewhere.test", "victim@[127.0.0.2]",
    "victim@[IPv6:::1]", "victim", "victim@localhost", "example.org!victim@elsewhere.test", "victim@sub.example.org",
    "victim@example.org.elsewhere.test", '"elsewhere.test!victim"@example.org', "victim%elsewhere.test@[127.0.0.1]",
    "@elsewhere.test:victim%elsewhere.test@example.org", "victim@EXAMPLE.ORG.", 'alice%elsewhere.test@example.org',
]


class Behind:
    """What holds for every SMTP backend. With a recipient file (`people`) and without."""

    server = None
    people = None

    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(ScriptedBackend("127.0.0.99"))
        cls.peer = cls.enterClassContext(cls.server())
        cls.gateway = cls.enterClassContext(Gateway(
            f"smtp://{cls.peer.address}:{cls.peer.port}", people=cls.people,
            config={"backend": {"main": {"identity": cls.identity}}}))

    identity = "none"

    @classmethod
    def tearDownClass(cls):
        """Whatever the tests did, the backend never had to bounce."""
        if cls.peer.bounces():
            raise AssertionError(f"the backend made bounces: {cls.peer.bounces()}")

    def rcpt(self, recipient, **options):
        sent = self.gateway.deliver(recipient, **options)
        self.assertEqual(sent.mail.kind, 2, sent)
        return sent.rcpt[0]

    def test_known_user(self):
        content = smtp.message("known user", body="A line.\r\n.\r\n..two\r\nlast without end", headers="X-Folded: a\r\n\tb\r\n")
        sent = self.gateway.deliver("alice@example.org", content)
        self.assertTrue(sent.taken, sent)
        mail = self.peer.wait_mail("alice", "known user")
        self.assertIn(b"A line.\n.\n..two\nlast without end", mail)
        self.assertIn(b"X-Folded: a\n\tb\n", mail)
        self.assertIn(b"by mx.example.org", mail)
        self.assertIn(b"from client.test", mail)

    def test_unknown_user(self):
        reply = self.rcpt("nobody@example.org")
        self.assertEqual(reply.kind, 5, reply)
        self.assertRegex(reply.text, r"^5\.1\.1 " if self.people else r"^5\.\d+\.\d+ ")
        self.assertRegex(reply.text, r"[^\]] \[[a-z2-7]{16}\]$", "the transaction's id, once")
        for inner in (self.peer.address, f"{self.peer.name}.test", "/etc/", *(["virtual"] if self.people else [])):
            self.assertNotIn(inner, reply.text, "an inner name leaked")

    def test_refused_at_rcpt_for_another_reason(self):
        self.assertEqual(self.rcpt("refused550@example.org").kind, 5)
        self.assertEqual(self.rcpt("refused450@example.org").kind, 4)

    def test_refused_after_data(self):
        self.peer.wait_idle()
        time.sleep(0.3)
        before = len(self.peer.everything())
        for sender, subject, kind in (("sender@sender.test", "refuse this content", 5),
                                      ("refuse-end@sender.test", "fine", 5), ("defer-end@sender.test", "fine", 4)):
            with self.subTest(sender=sender, subject=subject):
                sent = self.gateway.deliver("alice@example.org", smtp.message(subject), sender=sender)
                self.assertEqual(sent.end.kind, kind, sent)
        self.peer.wait_idle()
        self.assertEqual(len(self.peer.everything()), before)

    def test_some_recipients_of_several(self):
        sent = self.gateway.deliver(["alice@example.org", "nobody@example.org", "refused450@example.org", "bob@example.org"],
                                    smtp.message("several"))
        self.assertEqual([reply.kind for reply in sent.rcpt], [2, 5, 4, 2])
        self.assertTrue(sent.taken, sent)
        self.peer.wait_mail("alice", "several")
        self.peer.wait_mail("bob", "several")

    def test_hundred_recipients_share_a_transaction(self):
        people = [f"alice+{number}@example.org" for number in range(100)]
        sent = self.gateway.deliver(people, smtp.message("a hundred"), timeout=60)
        self.assertEqual({reply.kind for reply in sent.rcpt}, {2}, sent)
        self.assertTrue(sent.taken, sent)
        peers.wait_for("a hundred copies", lambda: sum(b"a hundred" in mail for mail in self.peer.mail("alice")) >= 1)

    def test_slow_backend(self):
        began = time.monotonic()
        sent = self.gateway.deliver("slow@example.org", smtp.message("slow backend"), timeout=60)
        self.assertTrue(sent.taken, sent)
        self.assertGreater(time.monotonic() - began, 3.5, "the control: this recipient is slow")
        self.peer.wait_mail("slow", "slow backend")

    def test_slow_backend_holds_up_nobody_else(self):
        with self.gateway.client(timeout=60) as slow:
            slow.ehlo()
            slow.mail("sender@sender.test")
            slow.send("RCPT TO:<slow@example.org>")
            began = time.monotonic()
            self.assertTrue(self.gateway.deliver("alice@example.org").taken)
            self.assertLess(time.monotonic() - began, 3)
            self.assertEqual(slow.reply().kind, 2)

    def test_client_breaks_off(self):
        """Gone before the dot: no message, at no step; and the next client is served."""
        self.peer.wait_idle()
        time.sleep(0.3)
        before = len(self.peer.everything())
        steps = ["EHLO client.test", "MAIL FROM:<sender@sender.test>", "RCPT TO:<alice@example.org>", "DATA",
                 "Subject: broken off\r\n\r\nhalf a line"]
        for count in range(len(steps) + 1):
            for end in ("close", "reset"):
                client = self.gateway.client()
                for step in steps[:count]:
                    client.send(step)
                    if not step.startswith("Subject"):
                        client.reply()
                getattr(client, end)()
        self.assertTrue(self.gateway.deliver("bob@example.org", smtp.message("after the broken")).taken)
        self.peer.wait_mail("bob", "after the broken")
        self.peer.wait_idle()
        self.assertFalse([mail for mail in self.peer.everything() if b"broken off" in mail])
        self.assertLessEqual(len(self.peer.everything()), before + 1)

    def test_reset_between(self):
        with self.gateway.client() as client:
            client.ehlo()
            client.mail("sender@sender.test")
            client.rcpt("alice@example.org")
            self.assertEqual(client.command("RSET").kind, 2)
            self.assertEqual(client.command("DATA").kind, 5)
            sent = smtp.deliver(None, None, "bob@example.org", smtp.message("after a reset"), client=client)
            self.assertTrue(sent.taken, sent)
        mail = self.peer.wait_mail("bob", "after a reset")
        self.assertNotIn(b"alice", mail.split(b"Subject")[0].lower().replace(b"to: <alice@example.org>", b""))

    def test_many_messages_on_one_connection(self):
        with self.gateway.client() as client:
            client.ehlo()
            for number in range(10):
                sent = smtp.deliver(None, None, "bob@example.org", smtp.message(f"one of many {number}"), client=client)
                self.assertTrue(sent.taken, sent)
        for number in range(10):
            self.peer.wait_mail("bob", f"one of many {number}")

    def test_pipelined_and_dribbled(self):
        content = smtp.stuffed(smtp.message("pipelined")) + b".\r\n"
        with self.gateway.client() as client:
            client.ehlo()
            codes = [reply.code for reply in client.pipeline("MAIL FROM:<sender@sender.test>", "RCPT TO:<nobody@example.org>",
                                                             "RCPT TO:<alice@example.org>", "DATA")]
            self.assertEqual([code // 100 for code in codes], [2, 5, 2, 3])
            client.send(content + b"QUIT\r\n")
            self.assertEqual([reply.kind for reply in client.replies(2)], [2, 2])
        with self.gateway.client() as client:
            client.ehlo()
            client.dribble(b"MAIL FROM:<sender@sender.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
            self.assertEqual([reply.kind for reply in client.replies(3)], [2, 2, 3])
            client.dribble(content.replace(b"pipelined", b"dribbled"))
            self.assertEqual(client.reply().kind, 2)
        self.peer.wait_mail("alice", "pipelined")
        self.peer.wait_mail("alice", "dribbled")

    def test_relay_attempts(self):
        self.world.messages.clear()
        for attempt in RELAY_ATTEMPTS:
            with self.subTest(attempt=attempt):
                reply = self.rcpt(attempt)
                self.assertEqual(reply.kind, 5, f"{attempt}: {reply}")
        with self.gateway.client() as client:
            client.ehlo()
            client.mail("alice@example.org")
            self.assertEqual(client.rcpt("victim@elsewhere.test").code, 554)
        self.peer.wait_idle()
        self.assertEqual(self.world.messages, [])

    def test_null_sender_and_postmaster(self):
        sent = self.gateway.deliver("alice@example.org", smtp.message("null sender"), sender="")
        self.assertTrue(sent.taken, sent)
        for role in ("postmaster@example.org", "PostMaster@Example.ORG", "abuse@example.org"):
            with self.subTest(role=role):
                self.assertTrue(self.gateway.deliver(role).taken)

    def test_big_message_with_eight_bits(self):
        body = ("Grüße " * 12 + "\r\n") * 10000
        sent = self.gateway.deliver("bob@example.org", smtp.message("big one", body=body), parameters="BODY=8BITMIME",
                                    timeout=60)
        self.assertTrue(sent.taken, sent)
        mail = self.peer.wait_mail("bob", "big one")
        self.assertIn(("Grüße " * 12).strip().encode(), mail)
        self.assertEqual(mail.count(b"Gr\xc3\xbc\xc3\x9fe"), 120000)

    def test_oversized(self):
        """What is too big is refused by somebody in session, and nothing of it arrives."""
        self.peer.wait_idle()
        time.sleep(0.3)
        before = len(self.peer.everything())
        with self.gateway.client(timeout=60) as client:
            client.ehlo()
            limit = int(client.extensions["SIZE"] or 0)
            self.assertGreater(limit, 0)
            self.assertEqual(client.mail("sender@sender.test", f"SIZE={limit + 1}").code, 552)
            self.assertEqual(client.mail("sender@sender.test").kind, 2)
            client.rcpt("alice@example.org")
            self.assertEqual(client.command("DATA").code, 354)
            line = b"x" * 998 + b"\r\n"
            for _ in range(limit // len(line) // 64 + 2):
                client.send(line * 64)
            client.send(b"\r\n.\r\n")
            self.assertEqual(client.reply().kind, 5)
        with self.gateway.client() as client:  # commands, lines, headers
            client.ehlo()
            self.assertEqual(client.command("MAIL FROM:<" + "x" * 5000 + "@sender.test>").kind, 5)
            self.assertEqual(client.command("NOOP " + "y" * 100000).kind, 5)
            self.assertEqual(client.command(f"MAIL FROM:<{'l' * 65}@{'d' * 255}.test>").kind, 5)
        sent = self.gateway.deliver("alice@example.org", smtp.message("long line", body="z" * 200000 + "\r\n"))
        self.assertIn(sent.end.kind, (2, 5))
        self.peer.wait_idle()
        time.sleep(0.3)
        self.assertLessEqual(len(self.peer.everything()), before + (sent.end.kind == 2))


class PostfixAlone(Behind, unittest.TestCase):
    server = peers.Postfix


class PostfixWithFile(Behind, unittest.TestCase):
    server = peers.Postfix
    people = ["postmaster", "alice", "bob", "slow", "refused550", "refused450"]
    identity = "xforward"

    def test_xforward_reaches_the_log(self):
        sent = smtp.deliver(self.gateway.address, self.gateway.port, "alice@example.org", smtp.message("forwarded identity"),
                            source="127.0.0.77")
        self.assertTrue(sent.taken, sent)
        peers.wait_for("the client's own address in Postfix's log", lambda: "[127.0.0.77]" in self.peer.log())

    def test_unknown_user_never_reaches_the_backend(self):
        before = self.peer.log()
        self.assertEqual(self.rcpt("nobody2@example.org").kind, 5)
        self.assertNotIn("nobody2", self.peer.log()[len(before):])


class EximAlone(Behind, unittest.TestCase):
    server = peers.Exim


class EximWithFile(Behind, unittest.TestCase):
    server = peers.Exim
    people = ["postmaster", "alice", "bob", "slow", "refused550", "refused450"]


if __name__ == "__main__":
    unittest.main()
