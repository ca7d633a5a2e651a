# SPDX-License-Identifier: Apache-2.0
"""Real programs as clients of the gateway: Postfix, Exim, swaks and smtp-source. Every message they had a 250 for is in
the store exactly once; what was refused or deferred stays with them."""

import shutil
import subprocess
import time
import unittest

from lib import peers, smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway, need_binary
from lib.pki import certificate

STORE = "127.0.0.14"


class QueueingClient:
    """A real MTA hands its users' mail for example.org to the gateway; behind it is a scripted store."""

    server = None
    knobs = {}

    @classmethod
    def setUpClass(cls):
        need_binary()
        cls.store = cls.enterClassContext(ScriptedBackend(STORE))
        chain, key = certificate("mx.example.org", "127.0.0.1")
        cls.gateway = cls.enterClassContext(Gateway(f"smtp://{STORE}:25", config={
            "inbound": {"tls_certificate": chain, "tls_key": key}}))
        # The client's own domain is another one: it holds bounces to its users, and sends the rest to us.
        cls.client = cls.enterClassContext(cls.server(DOMAIN="sender.test", **cls.knobs))

    def setUp(self):
        self.store.script = {}
        self.store.messages.clear()

    def submit(self, recipients, subject, sender="alice@sender.test", **options):
        sent = smtp.deliver(self.client.address, self.client.port, recipients, smtp.message(subject, **options), sender=sender)
        self.assertTrue(sent.taken, sent)

    def arrived(self, subject):
        return [message for message in list(self.store.messages) if subject.encode() in message.content]

    def test_delivers(self):
        self.submit("alice@example.org", "from a real client", body="dots\r\n.\r\n..\r\nend\r\n")
        peers.wait_for("the message", lambda: self.arrived("from a real client"))
        self.client.wait_idle()
        self.assertEqual(len(self.arrived("from a real client")), 1)
        message = self.arrived("from a real client")[0]
        self.assertIn(b"dots\r\n.\r\n..\r\nend\r\n", message.content)
        self.assertEqual(message.sender, "alice@sender.test")
        self.assertIn(b"with ESMTPS", message.content, "the client used STARTTLS")

    def test_many(self):
        for number in range(30):
            self.submit("bob@example.org", f"many {number:02}")
        peers.wait_for("thirty messages", lambda: len(self.arrived("many ")) >= 30, 60)
        self.client.wait_idle()
        self.assertEqual(len(self.arrived("many ")), 30)

    def test_several_recipients(self):
        self.submit(["alice@example.org", "bob@example.org", "carol@example.org"], "three at once")
        peers.wait_for("all three", lambda: sum(len(message.recipients) for message in self.arrived("three at once")) >= 3)
        self.client.wait_idle()
        self.assertEqual(sum(len(message.recipients) for message in self.arrived("three at once")), 3)

    def test_unknown_user_bounces_to_the_clients_own_user(self):
        """Refused in session: the one who bounces is the sender's own server, to its own user."""
        self.submit("nobody@example.org", "to an unknown user")
        self.client.wait_mail("alice", "nobody@example.org")
        self.client.wait_idle()
        self.assertEqual(self.arrived("to an unknown user"), [])

    def test_deferred_at_rcpt_is_retried(self):
        self.store.script = {"rcpt": ["450 4.2.1 later", "450 4.2.1 later", "250 2.1.5 Ok"]}
        self.submit("alice@example.org", "deferred at rcpt")
        peers.wait_for("the retry", lambda: self.arrived("deferred at rcpt"), 40)
        self.client.wait_idle(40)
        self.assertEqual(len(self.arrived("deferred at rcpt")), 1)

    def test_deferred_after_data_is_retried(self):
        self.store.script = {"dot": ["451 4.3.0 later", "250 2.0.0 Ok"]}
        self.submit("alice@example.org", "deferred after data")
        peers.wait_for("the retry", lambda: self.arrived("deferred after data"), 40)
        self.client.wait_idle(40)
        self.assertEqual(len(self.arrived("deferred after data")), 1)

    def test_refused_after_data_bounces_at_the_client(self):
        self.store.script = {"dot": "554 5.6.0 content refused"}
        self.submit("alice@example.org", "refused after data")
        self.client.wait_mail("alice", "content refused")
        self.client.wait_idle()

    def test_gateway_down_nothing_is_lost(self):
        self.gateway.kill()
        self.submit("alice@example.org", "while the gateway is down")
        time.sleep(1)
        self.gateway.start()
        peers.wait_for("the message", lambda: self.arrived("while the gateway is down"), 40)
        self.client.wait_idle(40)
        self.assertEqual(len(self.arrived("while the gateway is down")), 1)


class PostfixSends(QueueingClient, unittest.TestCase):
    server = peers.Postfix
    knobs = {"WORLD": "[127.0.0.1]:2525"}


class EximSends(QueueingClient, unittest.TestCase):
    server = peers.Exim
    knobs = {"WORLD": "127.0.0.1::2525"}

    def test_exim_speaks_bdat(self):
        self.assertIn("CHUNKING", self.extensions())

    def extensions(self):
        with self.gateway.client() as client:
            client.ehlo()
            return client.extensions


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = cls.enterClassContext(peers.Postfix())
        cls.gateway = cls.enterClassContext(Gateway(f"smtp://{cls.peer.address}:25"))

    def swaks(self, *arguments):
        if not shutil.which("swaks"):
            self.skipTest("swaks is not installed (scripts/packages test)")
        return subprocess.run(["swaks", "--server", "127.0.0.1:2525", "--helo", "swaks.test", "--from", "me@sender.test",
                               *arguments], capture_output=True, text=True, timeout=60)

    def test_swaks_known(self):
        done = self.swaks("--to", "alice@example.org", "--header", "Subject: by swaks")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.peer.wait_mail("alice", "by swaks")

    def test_swaks_unknown(self):
        done = self.swaks("--to", "nobody@example.org")
        self.assertEqual(done.returncode, 24, done.stdout + done.stderr)  # no recipient was accepted
        self.assertIn("5.1.1", done.stdout)

    def test_swaks_relay(self):
        done = self.swaks("--to", "victim@elsewhere.test")
        self.assertEqual(done.returncode, 24)
        self.assertIn("554 5.7.1", done.stdout)

    def test_swaks_pipelined_and_proxied(self):
        done = self.swaks("--to", "alice@example.org", "--pipeline", "--header", "Subject: swaks pipelined")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.peer.wait_mail("alice", "swaks pipelined")

    def source(self, *arguments):
        return peers.tool("postfix", "smtp-source", "-c", "-M", "source.test", "-f", "me@sender.test", *arguments,
                          "127.0.0.1:2525")

    def test_smtp_source(self):
        before = len(self.peer.mail("bob"))
        done = self.source("-s", 5, "-m", 50, "-l", 4096, "-t", "bob@example.org")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.peer.wait_idle(40)
        peers.wait_for("fifty messages", lambda: len(self.peer.mail("bob")) >= before + 50)
        self.assertEqual(len(self.peer.mail("bob")), before + 50)

    def test_smtp_source_on_one_connection(self):
        before = len(self.peer.mail("carol"))
        done = self.source("-d", "-s", 2, "-m", 20, "-t", "carol@example.org")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        peers.wait_for("twenty messages", lambda: len(self.peer.mail("carol")) >= before + 20)
        self.assertEqual(len(self.peer.mail("carol")), before + 20)


if __name__ == "__main__":
    unittest.main()
