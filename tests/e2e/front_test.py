# SPDX-License-Identifier: Apache-2.0
"""The side that faces the internet: PROXY, XCLIENT, trusted relays, STARTTLS."""

import socket
import struct
import unittest

from lib import peers, smtp
from lib.front import Front
from lib.pki import certificate

BALANCER, STRANGER, RELAY = "127.0.0.50", "127.0.0.66", "127.0.0.55"


def proxy_v2(source, target, sport=4000, dport=25, command=0x21):
    body = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack(">HH", sport, dport)
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([command, 0x11]) + struct.pack(">H", len(body)) + body


class Proxy(Front):
    config = {"inbound": {"proxy_from": [f"{BALANCER}/32"]}, "backend": {"main": {"identity": "none"}}}

    def send(self, preamble, subject, source=BALANCER):
        with self.client(source=source, preamble=preamble) as client:
            client.ehlo()
            sent = smtp.deliver(None, None, "alice@example.org", smtp.message(subject), client=client)
            self.assertTrue(sent.taken, sent)
        return self.delivered(subject).content.split(b"Subject:")[0]

    def test_v1(self):
        head = self.send(b"PROXY TCP4 198.51.100.7 127.0.0.1 4000 25\r\n", "proxy one")
        self.assertIn(b"[198.51.100.7]", head)

    def test_v1_six(self):
        head = self.send(b"PROXY TCP6 2001:db8::7 ::1 4000 25\r\n", "proxy six")
        self.assertIn(b"[IPv6:2001:db8::7]", head)

    def test_v2(self):
        self.assertIn(b"[198.51.100.8]", self.send(proxy_v2("198.51.100.8", "127.0.0.1"), "proxy two"))

    def test_v2_local(self):
        self.assertIn(BALANCER.encode(), self.send(proxy_v2("198.51.100.8", "127.0.0.1", command=0x20), "proxy local"))

    def test_a_listed_peer_must_say_it(self):
        with self.client(source=BALANCER, greeting=False, preamble=b"EHLO client.test\r\n") as client:
            self.assertTrue(client.closed())

    def test_garbage_headers(self):
        for preamble in (b"PROXY TCP4 999.1.1.1 127.0.0.1 1 2\r\n", b"PROXY " + b"x" * 200 + b"\r\n", b"PROXY TCP4 1.2.3.4\r\n",
                         b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff" + b"x" * 70000, b"\r\n\r\n\0\r\nQUIT\n\x41\x11\0\0"):
            with self.subTest(preamble=preamble[:40]), self.client(source=BALANCER, greeting=False) as client:
                try:
                    client.send(preamble + b"EHLO client.test\r\n")
                except smtp.Gone:
                    continue
                self.assertTrue(client.closed())

    def test_a_stranger_may_not(self):
        with self.client(source=STRANGER, greeting=False, preamble=b"PROXY TCP4 198.51.100.7 127.0.0.1 4000 25\r\n") as client:
            self.assertIn(client.reply().kind, (2, 5))
            try:
                self.assertEqual(client.reply().kind, 5)
            except smtp.Gone:
                pass


class Xclient(Front):
    config = {"inbound": {"xclient_from": [f"{BALANCER}/32"], "xforward_from": [f"{BALANCER}/32"]}}

    def test_listed_peer(self):
        with self.client(source=BALANCER) as client:
            client.ehlo()
            self.assertIn("XCLIENT", client.extensions)
            self.assertEqual(client.command("XCLIENT NAME=far.test ADDR=198.51.100.9 HELO=far.test PROTO=ESMTP").code, 220)
            client.ehlo()
            self.assertTrue(smtp.deliver(None, None, "alice@example.org", smtp.message("by xclient"), client=client).taken)
        self.assertIn(b"[198.51.100.9]", self.delivered("by xclient").content)

    def test_login_is_never_taken_from_it(self):
        with self.client(source=BALANCER) as client:
            client.ehlo()
            client.command("XCLIENT ADDR=198.51.100.9 LOGIN=alice@example.org")
            client.ehlo()
            client.mail("x@sender.test")
            self.assertEqual(client.rcpt("victim@elsewhere.test").kind, 5)

    def test_stranger(self):
        for command in ("XCLIENT ADDR=198.51.100.9", "XFORWARD ADDR=198.51.100.9"):
            with self.subTest(command=command), self.client(source=STRANGER) as client:
                client.ehlo()
                self.assertNotIn(command.split(" ")[0], client.extensions)
                self.assertEqual(client.command(command).kind, 5)

    def test_garbage(self):
        for line in ("XCLIENT ADDR=nonsense", "XCLIENT", "XCLIENT ADDR", "XCLIENT WHAT=1", "XCLIENT ADDR=1.2.3.4+0D+0ARCPT",
                     "XCLIENT NAME=" + "x" * 600):
            with self.subTest(line=line), self.client(source=BALANCER) as client:
                client.ehlo()
                self.assertEqual(client.command(line).kind, 5)
                self.assertEqual(client.command("NOOP").kind, 2)

    def test_xforward_goes_on_to_a_backend_that_takes_it(self):
        with self.client(source=BALANCER) as client:
            client.ehlo()
            self.assertIn("XFORWARD", client.extensions)
            self.assertEqual(client.command("XFORWARD NAME=far.test ADDR=198.51.100.10").kind, 2)


class TrustedRelay(Front):
    """R7: behind a listed relay the client's address is in the Received lines; unknown recipients as set."""
    config = {"relay": {"backup": {"networks": [f"{RELAY}/32"], "unknown_recipient": 451, "hops": 1}}}

    def test_unknown_recipient_as_set(self):
        sent = self.gateway.deliver("nobody@example.org", source=RELAY)
        self.assertEqual(sent.rcpt[0].code, 451, sent)
        self.assertEqual(self.gateway.deliver("nobody@example.org", source=STRANGER).rcpt[0].code, 550)

    def test_known_recipient(self):
        received = ("Received: from far.test (far.test [198.51.100.20]) by backup.example.org with ESMTP id x;\r\n"
                    "\tSun, 22 Nov 2026 10:00:00 +0000\r\n")
        content = received.encode() + smtp.message("by the backup")
        self.assertTrue(self.gateway.deliver("alice@example.org", content, source=RELAY).taken)
        rows = peers.wait_for("the journal row", lambda: [row for row in self.gateway.rows() if "198.51.100.20" in str(row)])
        self.assertTrue(rows)

    def test_a_relay_may_not_relay(self):
        self.assertEqual(self.gateway.deliver("victim@elsewhere.test", source=RELAY).rcpt[0].kind, 5)


class Tls(Front):
    @classmethod
    def make_config(cls):
        cls.chain, cls.key = certificate("mx.example.org", "127.0.0.1")
        return {"inbound": {"tls_certificate": cls.chain, "tls_key": cls.key}}

    def test_starttls(self):
        with self.client() as client:
            client.ehlo()
            self.assertIn("STARTTLS", client.extensions)
            self.assertEqual(client.starttls().code, 220)
            client.ehlo()
            self.assertNotIn("STARTTLS", client.extensions)
            self.assertTrue(smtp.deliver(None, None, "alice@example.org", smtp.message("in tls"), client=client).taken)
        self.assertIn(b"with ESMTPS", self.delivered("in tls").content)

    def test_the_session_starts_anew(self):
        with self.client() as client:
            client.ehlo()
            client.mail("x@sender.test")
            client.starttls()
            self.assertEqual(client.command("RCPT TO:<alice@example.org>").kind, 5)

    def test_pipelined_starttls(self):
        """Plain text behind STARTTLS never becomes a command inside TLS."""
        for injected in (b"MAIL FROM:<evil@sender.test>\r\n", b"RSET\r\nNOOP\r\n", b"EHLO evil\r\n" * 50):
            with self.subTest(injected=injected[:20]), self.client() as client:
                client.ehlo()
                client.send(b"STARTTLS\r\n" + injected)
                reply = client.reply()
                if reply.code == 220:
                    try:
                        client.handshake()
                    except OSError:
                        continue
                    self.assertTrue(client.silent(0.5), "a command from the plain text was answered inside TLS")
                else:
                    self.assertEqual(reply.kind, 5)
                    self.assertTrue(client.closed())

    def test_broken_handshakes(self):
        for garbage in (b"EHLO in the clear\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 100, b""):
            with self.subTest(garbage=garbage[:10]), self.client() as client:
                client.ehlo()
                client.command("STARTTLS")
                client.send(garbage)
                client.socket.shutdown(socket.SHUT_WR)
                self.assertTrue(client.closed())
        self.assertTrue(self.gateway.deliver("alice@example.org").taken)


if __name__ == "__main__":
    unittest.main()
