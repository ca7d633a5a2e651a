# SPDX-License-Identifier: Apache-2.0
"""The daemon itself: start, reload, stop, its control socket and its pages."""

import json
import signal
import time
import unittest
import urllib.error
import urllib.request

from lib import peers, smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway

STORE = "127.0.0.18"
TO = f"smtp://{STORE}:25"


class Daemon(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = cls.enterClassContext(ScriptedBackend(STORE))

    def setUp(self):
        self.store.script = {}
        self.store.messages.clear()

    def ask(self, gateway, *words):
        done = gateway.command(*words, "-c", gateway.config_file)
        return done.returncode, done.stdout + done.stderr

    def page(self, gateway, path):
        try:
            with urllib.request.urlopen(f"http://{gateway.address}:{gateway.http}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class Commands(Daemon):
    def test_status_and_pages(self):
        with Gateway(TO) as gateway:
            status, text = self.ask(gateway, "status")
            self.assertEqual(status, 0, text)
            self.assertIn("hostname: mx.example.org", text)
            self.assertEqual(self.page(gateway, "/healthz"), (200, "ok\n"))
            self.assertIn("mx.example.org", self.page(gateway, "/")[1])
            self.assertEqual(self.page(gateway, "/nothing")[0], 404)
            gateway.deliver("nobody@example.org")
            peers.wait_for("the count",
                           lambda: 'anechoic_rcpt_total{reason="unknown-recipient"} 1' in gateway.metrics())

    def test_status_tells_of_a_broken_source(self):
        with Gateway(TO) as gateway:
            gateway.write_people([])
            gateway.reload()
            peers.wait_for("the alarm", lambda: self.ask(gateway, "status")[0] == 1)
            self.assertIn("recipient-source-down people", self.ask(gateway, "status")[1])

    def test_status_tells_of_a_backend_that_is_down(self):
        with Gateway("smtp://127.0.0.19:25") as gateway:
            self.assertEqual(gateway.deliver("alice@example.org").rcpt[0].code, 451)
            status, text = self.ask(gateway, "status")
            self.assertEqual(status, 1, text)
            self.assertIn("backend-down main", text)
            with ScriptedBackend("127.0.0.19"):
                peers.wait_for("a delivery", lambda: gateway.deliver("alice@example.org").taken)
            status, text = self.ask(gateway, "status")
            self.assertEqual(status, 0, text)

    def test_the_journal_says_what_each_message_was(self):
        with Gateway(TO) as gateway:
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            report = (b"From: MAILER-DAEMON@other.test\r\nTo: alice@example.org\r\nSubject: Undelivered Mail\r\n"
                      b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                      b"--b\r\n\r\nno such user\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
                      b"Reporting-MTA: dns; other.test\r\n\r\nFinal-Recipient: rfc822; gone@other.test\r\n"
                      b"Action: failed\r\nStatus: 5.1.1\r\n--b--\r\n")
            self.assertTrue(gateway.deliver("alice@example.org", report, sender="").taken)

            def rows(*more):
                done = gateway.command("log", "-c", gateway.config_file, "--json", *more)
                every = [json.loads(line) for line in done.stdout.splitlines()]
                return [row for row in every if row["reverse_path"]]  # not the session that asked whether it is up

            peers.wait_for("both rows", lambda: len(rows()) == 2)
            self.assertEqual([row["kind"] for row in rows()], ["ordinary", "dsn"])
            found = rows("--kind", "dsn")
            self.assertEqual([row["automatic"] for row in found], [True])
            self.assertTrue(found[0]["signals"])
            self.assertIn("Its kind: dsn", self.ask(gateway, "explain", found[0]["id"])[1])
            self.assertIn('anechoic_messages_total{kind="dsn"} 1', gateway.metrics())

    def test_recipients(self):
        with Gateway(TO) as gateway:
            self.assertIn("exists", self.ask(gateway, "recipients", "show", "alice@example.org")[1])
            self.assertIn("does not exist", self.ask(gateway, "recipients", "show", "nobody@example.org")[1])
            self.assertEqual(self.ask(gateway, "recipients", "forget", "alice@example.org")[0], 0)
            self.assertEqual(self.ask(gateway, "recipients", "show", "x@elsewhere.test")[0], 2)

    def test_nobody_there(self):
        gateway = Gateway(TO)
        gateway.halt()
        status, text = self.ask(gateway, "status")
        self.assertEqual(status, 2)
        self.assertIn("anechoic run", text)
        gateway.stop()

    def test_a_second_one_does_not_start(self):
        with Gateway(TO) as gateway:
            status, text = self.ask(gateway, "run")
            self.assertEqual(status, 2)
            self.assertIn("can't start", text)
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            self.assertEqual(self.ask(gateway, "status")[0], 0)


class Reload(Daemon):
    def test_a_new_domain_and_backend(self):
        other = self.enterContext(ScriptedBackend("127.0.0.19"))
        with Gateway(TO) as gateway:
            self.assertEqual(gateway.deliver("x@other.test").rcpt[0].code, 554)
            gateway.config["backend"]["other"] = {"to": ["smtp://127.0.0.19:25"]}
            gateway.config["domain"]["other.test"] = {"backend": "other", "catch_all": True}
            gateway.write_config()
            status, text = self.ask(gateway, "reload")
            self.assertEqual(status, 0, text)
            self.assertIn('domain."other.test".backend', text)
            self.assertTrue(gateway.deliver("x@other.test").taken)
            self.assertEqual(len(other.messages), 1)
            self.assertTrue(gateway.deliver("alice@example.org").taken)
            self.assertEqual(len(self.store.messages), 1)

    def test_a_session_keeps_what_it_began_with(self):
        with Gateway(TO) as gateway, gateway.client() as client:
            client.ehlo()
            gateway.config["domain"] = {"elsewhere.test": {"backend": "main"}}
            gateway.write_config()
            self.assertEqual(self.ask(gateway, "reload")[0], 0)
            sent = smtp.deliver(None, None, "alice@example.org", client=client)
            self.assertTrue(sent.taken, sent)
            self.assertEqual(gateway.deliver("alice@example.org").rcpt[0].code, 554)

    def test_what_needs_a_restart_is_said_each_time(self):
        with Gateway(TO) as gateway:
            gateway.config["inbound"]["listen"] = ["127.0.0.1:2599"]
            gateway.write_config()
            for _ in range(2):
                status, text = self.ask(gateway, "reload")
                self.assertEqual(status, 1, text)
                self.assertIn("after a restart:\n  inbound.listen", text)
            self.assertTrue(gateway.deliver("alice@example.org").taken)

    def test_whole_or_not_at_all(self):
        with Gateway(TO) as gateway:
            gateway.config["domain"]["fine.test"] = {"backend": "main"}
            gateway.config["domain"]["broken.test"] = {"backend": "nowhere"}
            gateway.write_config()
            # With -c the command itself would find the mistake; the daemon must find it too.
            done = gateway.command("reload", "--state-dir", gateway.config["state_dir"])
            self.assertEqual(done.returncode, 2)
            self.assertIn("nothing was changed", done.stderr)
            self.assertIn("nowhere", done.stderr)
            self.assertEqual(gateway.deliver("x@fine.test").rcpt[0].code, 554)
            self.assertIn('anechoic_reloads_total{result="bad"} 1', gateway.metrics())


class Stop(Daemon):
    def test_idle_sessions_hear_421(self):
        gateway = Gateway(TO)
        with gateway.client() as client:
            client.ehlo()
            gateway.process.send_signal(signal.SIGTERM)
            self.assertEqual(client.reply().code, 421)
        gateway.process.wait(20)
        gateway.stop()

    def test_a_message_under_way_is_finished(self):
        gateway = Gateway(TO)
        with gateway.client() as client:
            client.ehlo()
            client.mail("a@b.test")
            self.assertEqual(client.command("RCPT TO:<alice@example.org>").code, 250)
            self.assertEqual(client.command("DATA").code, 354)
            gateway.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            client.socket.sendall(b"Subject: last\r\n\r\nHello.\r\n.\r\n")
            self.assertEqual(client.reply().code, 250)
        self.assertEqual(gateway.process.wait(20), 0)
        self.assertEqual(len(self.store.messages), 1)
        gateway.stop()

    def test_what_does_not_end_is_cut_off(self):
        gateway = Gateway(TO, config={"stop_grace": "1s"})
        with gateway.client() as client:
            client.ehlo()
            client.mail("a@b.test")
            client.command("RCPT TO:<alice@example.org>")
            client.command("DATA")
            began = time.monotonic()
            gateway.process.send_signal(signal.SIGTERM)
            self.assertEqual(gateway.process.wait(20), 0)
            self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(self.store.messages, [])
        gateway.stop()

    def test_a_kill_is_seen_at_the_next_start(self):
        gateway = Gateway(TO)
        gateway.deliver("nobody@example.org")
        time.sleep(0.5)
        gateway.kill()
        gateway.start()
        peers.wait_for("the row of the unclean stop", lambda: gateway.rows("--reason", "unclean-stop"))
        row = gateway.rows("--reason", "unclean-stop")[0]
        told = gateway.command("explain", "-c", gateway.config_file, row["id"])
        self.assertIn("without a proper stop", told.stdout)
        self.assertEqual(json.loads(gateway.command("explain", "-c", gateway.config_file, "--json", row["id"]).stdout)["id"],
                         row["id"])
        gateway.stop()


if __name__ == "__main__":
    unittest.main()
