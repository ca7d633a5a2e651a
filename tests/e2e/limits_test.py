# SPDX-License-Identifier: Apache-2.0
"""Bounds that clients meet: early talkers, connections, errors, idle time, recipients, loops; and a stop in between."""

import time
import unittest

from lib import peers, smtp
from lib.front import STORE, Front
from lib.gateway import Gateway

STRANGER = "127.0.0.66"


class EarlyTalkers(Front):
    config = {"inbound": {"early_talker_delay": "1s"}}

    def test_talks_before_the_greeting(self):
        with self.client(greeting=False, preamble=b"EHLO client.test\r\n") as client:
            self.assertEqual(client.reply().kind, 5)
            self.assertTrue(client.closed())

    def test_waits_politely(self):
        began = time.monotonic()
        self.assertTrue(self.gateway.deliver("alice@example.org").taken)
        self.assertGreater(time.monotonic() - began, 0.8)


class Limits(Front):
    config = {"inbound": {"limits": {"connections_per_address": 5, "hard_errors": 5, "junk_commands": 20,
                                     "null_sender_per_minute": 3},
                          "recipients": 100, "timeouts": {"command": "2s", "block": "2s"}}}

    def test_connections_of_an_address(self):
        links = [self.client(source=STRANGER) for _ in range(5)]
        with self.client(source=STRANGER) as sixth:
            self.assertEqual(sixth.greeting.code, 421)
        with self.client(source="127.0.0.67") as other:
            self.assertEqual(other.greeting.code, 220)
        for link in links:
            link.close()
        peers.wait_for("room again", lambda: self.gateway.deliver("alice@example.org", source=STRANGER).taken)

    def test_errors(self):
        with self.client() as client:
            client.ehlo()
            codes = []
            try:
                for _ in range(10):
                    codes.append(client.command("WHAT is this").code)
            except smtp.Gone:
                pass
            self.assertEqual(codes[-1], 421)
            self.assertLessEqual(len(codes), 6)

    def test_junk(self):
        with self.client() as client:
            client.ehlo()
            with self.assertRaises(smtp.Gone):
                for _ in range(40):
                    client.command("NOOP")

    def test_idle_command(self):
        with self.client() as client:
            began = time.monotonic()
            client.ehlo()
            self.assertEqual(client.reply().code, 421)
            self.assertLess(time.monotonic() - began, 10)

    def test_one_byte_now_and_then_is_no_progress(self):
        with self.client(timeout=30) as client:
            client.ehlo()
            began = time.monotonic()
            try:
                for byte in b"MAIL FROM:<someone-with-a-long-name@sender.test>":
                    client.send(bytes([byte]))
                    time.sleep(0.3)
            except smtp.Gone:
                pass
            self.assertLess(time.monotonic() - began, 10)

    def test_idle_body(self):
        with self.client(timeout=30) as client:
            client.ehlo()
            client.mail("x@sender.test")
            client.rcpt("alice@example.org")
            client.command("DATA")
            client.send(b"Subject: never ends\r\n\r\n")
            self.assertEqual(client.reply().code, 421)
        self.assertEqual(self.store.messages, [])

    def test_recipients(self):
        with self.client() as client:
            client.ehlo()
            client.mail("x@sender.test")
            codes = [client.rcpt("alice@example.org").code for _ in range(101)]
            self.assertEqual(set(codes[:100]), {250})
            self.assertEqual(codes[100], 452)

    def test_null_sender(self):
        with self.client() as client:
            client.ehlo()
            client.mail("")
            self.assertEqual(client.rcpt("alice@example.org").kind, 2)
            self.assertEqual(client.rcpt("bob@example.org").code, 452)

    def test_rate_of_null_senders_per_recipient(self):
        kinds = [self.gateway.deliver("bob@example.org", sender="").rcpt[0].kind for _ in range(6)]
        self.assertEqual(kinds[0], 2)
        self.assertEqual(kinds[-1], 4)

    def test_loops(self):
        ours = "Received: from x.test by mx.example.org with ESMTP id 1; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        others = "Received: from x.test by y.test with ESMTP id 1; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        for headers in (ours * 4, others * 101):
            sent = self.gateway.deliver("alice@example.org", (headers.encode() + smtp.message("a loop")))
            self.assertEqual(sent.end.code, 554, sent)
            self.assertIn("5.4.6", sent.end.text)
        self.assertTrue(self.gateway.deliver("alice@example.org", ours.encode() + others.encode() * 5 + smtp.message("none")).taken)


class Stopping(Front):
    def test_graceful_stop_finishes_what_is_under_way(self):
        gateway = Gateway(f"smtp://{STORE}:25", people=self.people, port=2527, http=8027)
        with smtp.Client(gateway.address, gateway.port, timeout=30) as busy, smtp.Client(gateway.address, gateway.port) as idle:
            idle.ehlo()
            busy.ehlo()
            busy.mail("x@sender.test")
            busy.rcpt("alice@example.org")
            self.assertEqual(busy.command("DATA").code, 354)
            gateway.process.terminate()
            self.assertEqual(idle.reply().code, 421)
            busy.send(smtp.message("while stopping") + b"\r\n.\r\n")
            reply = busy.reply()
            self.assertIn(reply.kind, (2, 4), reply)
            self.assertEqual(len(self.store.messages), 1 if reply.kind == 2 else 0)
        self.assertEqual(gateway.process.wait(30), 0)
        gateway.stop()


if __name__ == "__main__":
    unittest.main()
