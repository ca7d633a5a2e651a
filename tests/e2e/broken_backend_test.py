# SPDX-License-Identifier: Apache-2.0
"""A backend that breaks at every step of the dialogue, in every way. The client always hears 4xx, never an invented 250;
a message that the backend kept was answered 250, or may be a second copy after a 4xx (RULES R6), and nothing is lost."""

import unittest

from lib import peers, smtp
from lib.backend import CLOSE, DRIBBLE, ENDLESS, GARBAGE, HALF, HANG, RESET, ScriptedBackend
from lib.gateway import Gateway, merged

ADDRESS, SECOND = "127.0.0.11", "127.0.0.12"
SHORT = {"backend": {"main": {"timeouts": {"connect": "1s", "greeting": "1s", "command": "1s", "data_done": "1s"}}},
         "domain": {"example.org": {"catch_all": True}}}
STEPS = ["greeting", "ehlo", "mail", "rcpt", "data", "body", "dot"]
BREAKS = {"close": CLOSE, "reset": RESET, "hang": HANG, "garbage": GARBAGE, "half": HALF, "endless": ENDLESS,
          "421": "421 4.3.2 shutting down", "451": "451 4.3.0 try later"}


class OneBackend(unittest.TestCase):
    """The only backend breaks: 4xx for the message, and the client may come again. Each message has a connection of its own
    to the backend."""

    pool = 0

    @classmethod
    def setUpClass(cls):
        cls.backend = cls.enterClassContext(ScriptedBackend(ADDRESS))
        cls.gateway = cls.enterClassContext(Gateway(f"smtp://{ADDRESS}:25", people=None, config=merged(SHORT, {
            "backend": {"main": {"pool": cls.pool}}})))

    def broken_at(self, step):
        for name, act in BREAKS.items():
            if step == "body" and act not in (CLOSE, RESET):
                continue
            with self.subTest(step=step, how=name):
                self.backend.script = {step: act}
                self.backend.messages.clear()
                marker = f"broken {step} {name}"
                sent = self.gateway.deliver("alice@example.org", smtp.message(marker), timeout=40)
                heard = sent.end or (sent.rcpt[0] if sent.rcpt else sent.mail)
                self.assertEqual(heard.kind, 4, f"{step} {name}: {sent}")
                self.assertEqual(self.backend.messages, [])
                self.backend.script = {}
                again = self.gateway.deliver("alice@example.org", smtp.message(marker), timeout=40)
                self.assertTrue(again.taken, f"after {step} {name}: {again}")
                self.assertEqual(len(self.backend.messages), 1)
                self.assertIn(marker.encode(), self.backend.messages[0].content)

    def test_slow_bytes_are_no_break(self):
        for step in STEPS:
            if step == "body":
                continue
            with self.subTest(step=step):
                self.backend.script = {step: DRIBBLE}
                self.backend.messages.clear()
                self.assertTrue(self.gateway.deliver("alice@example.org", timeout=40).taken)
                self.assertEqual(len(self.backend.messages), 1)
        self.backend.script = {}

    def test_refusals_that_are_about_us(self):
        """R2: what the backend has against the gateway is not the mail's fault."""
        for step, reply in (("greeting", "554 5.7.1 no mail from you"), ("mail", "530 5.7.0 authenticate first"),
                            ("rcpt", "554 5.7.1 relay access denied"), ("rcpt", "550 relay not permitted"),
                            ("rcpt", "530 5.7.0 must issue STARTTLS first")):
            with self.subTest(step=step, reply=reply):
                self.backend.script = {step: reply}
                sent = self.gateway.deliver("alice@example.org", timeout=40)
                heard = sent.end or (sent.rcpt[0] if sent.rcpt else sent.mail)
                self.assertEqual(heard.kind, 4, sent)
                self.assertNotIn("authenticate", heard.text)
        self.backend.script = {}

    def test_refusals_of_the_mail_are_passed_on(self):
        for step, reply in (("mail", "550 5.7.1 sender refused"), ("rcpt", "550 5.2.1 mailbox disabled"),
                            ("dot", "554 5.6.0 content refused"), ("rcpt", "452 4.2.2 mailbox full")):
            with self.subTest(step=step, reply=reply):
                self.backend.script = {step: reply}
                sent = self.gateway.deliver("alice@example.org", timeout=40)
                heard = sent.end or (sent.rcpt[0] if sent.rcpt else sent.mail)
                self.assertEqual(heard.code, int(reply[:3]), sent)
                self.assertTrue(heard.text.startswith(reply[4:]), sent)  # behind it may stand our id
        self.backend.script = {}

    def test_nasty_reply_text_is_made_harmless(self):
        self.backend.script = {"rcpt": "550 5.7.1 bad\x1b[31m\x07 bytes \x80\xff and " + "a long tail " * 300}
        reply = self.gateway.deliver("alice@example.org", timeout=40).rcpt[0]
        self.backend.script = {}
        self.assertIn(reply.kind, (4, 5))
        self.assertFalse([character for line in reply.lines for character in line if not " " <= character <= "~"])
        self.assertTrue(all(len(line) <= 508 for line in reply.lines))


class PooledBackend(unittest.TestCase):
    """The same on connections that served a message before."""

    pool = 20
    setUpClass = OneBackend.__dict__["setUpClass"]
    broken_at = OneBackend.broken_at


for _step in STEPS:
    setattr(OneBackend, f"test_broken_at_{_step}", lambda self, step=_step: self.broken_at(step))
for _step in STEPS[2:]:
    setattr(PooledBackend, f"test_broken_at_{_step}", lambda self, step=_step: self.broken_at(step))


class DownBackend(unittest.TestCase):
    def test_nobody_listens(self):
        timeouts = {"backend": SHORT["backend"]}
        with Gateway(f"smtp://{ADDRESS}:26", people=["postmaster", "alice"], config=timeouts) as gateway:
            sent = gateway.deliver("alice@example.org")
            self.assertEqual(sent.rcpt[0].kind, 4, sent)
            self.assertEqual(gateway.deliver("nobody@example.org").rcpt[0].kind, 5, "the file still knows who is unknown")

    def test_dies_between_transactions(self):
        """A pooled connection that died is replaced without the client noticing."""
        backend = ScriptedBackend(ADDRESS)
        with Gateway(f"smtp://{ADDRESS}:25", people=None, config=SHORT) as gateway:
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            backend.script = {"rset": CLOSE, "noop": CLOSE}
            for number in range(5):
                with self.subTest(number=number):
                    self.assertTrue(gateway.deliver("alice@example.org").taken)
            backend.stop()


class Failover(unittest.TestCase):
    """With a second backend, whatever happens to the first before the final dot stays unnoticed."""

    @classmethod
    def setUpClass(cls):
        cls.first = cls.enterClassContext(ScriptedBackend(ADDRESS))
        cls.second = cls.enterClassContext(ScriptedBackend(SECOND))

    def gateway(self):
        return Gateway([f"smtp://{ADDRESS}:25", f"smtp://{SECOND}:25"], people=None, config=merged(SHORT, {
            "backend": {"main": {"pool": 0}}}))

    def test_first_one_breaks_before_the_dot(self):
        for step in STEPS[:-1]:
            for name in ("close", "reset", "hang", "garbage", "421"):
                if step == "body" and name not in ("close", "reset"):
                    continue
                with self.subTest(step=step, how=name), self.gateway() as gateway:
                    self.first.script = {step: BREAKS[name]}
                    self.first.messages.clear()
                    self.second.messages.clear()
                    sent = gateway.deliver("alice@example.org", smtp.message(f"failover {step}"), timeout=40)
                    if step == "body":  # the dot may be on its way already: 451 is right, so is the second backend
                        self.assertIn(sent.end.kind, (2, 4), sent)
                    else:
                        self.assertTrue(sent.taken, sent)
                    self.assertEqual(len(self.second.messages), 1 if sent.taken else 0)
                    self.assertEqual(self.first.messages, [])
        self.first.script = {}

    def test_silence_after_the_dot_is_not_retried_elsewhere(self):
        for name in ("close", "reset", "hang"):
            with self.subTest(how=name), self.gateway() as gateway:
                self.first.script = {"dot": BREAKS[name]}
                self.second.messages.clear()
                sent = gateway.deliver("alice@example.org", smtp.message("in doubt"), timeout=40)
                self.assertEqual(sent.end.code, 451, sent)
                self.assertEqual(self.second.messages, [], "a copy was made on purpose")
        self.first.script = {}

    def test_first_one_is_down(self):
        with Gateway([f"smtp://{ADDRESS}:27", f"smtp://{SECOND}:25"], people=None, config=SHORT) as gateway:
            self.second.messages.clear()
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            self.assertEqual(len(self.second.messages), 1)

    def test_both_refuse_differently_after_the_first_answer(self):
        """A recipient that was answered 250 and is refused at the repetition makes the message 451."""
        with self.gateway() as gateway:
            self.first.script = {"data": CLOSE}
            self.second.script = {"rcpt": "550 5.1.1 not here"}
            sent = gateway.deliver("alice@example.org", timeout=40)
            self.assertEqual(sent.rcpt[0].kind, 2, sent)
            self.assertEqual(sent.end.kind, 4, sent)
        self.first.script, self.second.script = {}, {}


class RealServersDie(unittest.TestCase):
    """Postfix and Exim stopped while a message is under way."""

    def dies(self, server):
        peer = server()
        with Gateway(f"smtp://{peer.address}:{peer.port}", people=None, config=SHORT) as gateway:
            self.assertTrue(gateway.deliver("alice@example.org", smtp.message("before the death")).taken)
            peer.wait_mail("alice", "before the death")
            with gateway.client(timeout=40) as client:
                client.ehlo()
                client.mail("sender@sender.test")
                self.assertEqual(client.rcpt("alice@example.org").kind, 2)
                peer.stop()
                reply = client.body(smtp.message("during the death"))
                self.assertEqual(reply.kind, 4, reply)
            self.assertEqual(gateway.deliver("alice@example.org", timeout=40).rcpt[0].kind, 4)
            with server() as peer:
                peers.wait_for("service again", lambda: gateway.deliver(
                    "alice@example.org", smtp.message("after the death"), timeout=40).taken, 40)
                peer.wait_mail("alice", "after the death")

    def test_postfix(self):
        self.dies(peers.Postfix)

    def test_exim(self):
        self.dies(peers.Exim)


if __name__ == "__main__":
    unittest.main()
