# SPDX-License-Identifier: Apache-2.0
"""Who really sent it: SPF, DKIM and DMARC at the gateway, with a name server that may be slow or dead."""

import email
import pathlib
import re
import subprocess
import unittest

from lib import peers, roots, smtp
from lib.backend import ScriptedBackend
from lib.front import STORE, Front
from lib.gateway import Gateway, need_binary
from lib.peers import wait_for
from lib.sender_dns import SenderDns

DNS = "127.0.0.53"
GOOD, BAD, RELAY = "127.0.0.70", "127.0.0.71", "127.0.0.55"
SIGN = pathlib.Path(__file__).resolve().parent.parent / "lib" / "dkim_sign.py"
FORGED = ("Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=forged.test\r\n"
          "Authentication-Results: mx.other.test; spf=pass smtp.mailfrom=other.test\r\n")


def key_pair(folder):
    """A file with a fresh key, and the text of its record."""
    private = folder / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", private, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", private, "-pubout"], check=True, capture_output=True, text=True).stdout
    return private, "v=DKIM1; k=rsa; p=" + "".join(public.split("\n")[1:-2])


class Dns(unittest.TestCase):
    """A name server, and a key of good.test in it."""

    @classmethod
    def setUpClass(cls):
        need_binary()
        cls.folder = roots.run_folder("auth")
        cls.key, record = key_pair(cls.folder)
        spf = f"v=spf1 ip4:{GOOD} -all"
        cls.dns = cls.enterClassContext(SenderDns(DNS, {
            "good.test": spf, "s1._domainkey.good.test": record, "_dmarc.good.test": "v=DMARC1; p=reject",
            "strict.test": spf, "_dmarc.strict.test": "v=DMARC1; p=reject", "soft.test": "v=spf1 ~all",
            "slow.test": spf, "example.org": spf}))
        super().setUpClass()

    @classmethod
    def signed(cls, content):
        return subprocess.run(["/usr/bin/python3", SIGN, cls.key, "s1", "good.test"], input=content, check=True,
                              capture_output=True).stdout

    @staticmethod
    def config_of(**auth):
        return {"auth": {"checks": True, **auth}, "dns": {"servers": [f"{DNS}:53"], "question": "2s", "time": "4s"}}


class AuthFront(Dns, Front):
    auth = {}

    @classmethod
    def make_config(cls):
        return cls.config_of(**cls.auth)

    def setUp(self):
        super().setUp()
        self.dns.dead = False
        self.addCleanup(self.dns.release)

    def send(self, subject, *, sender, source=GOOD, to="alice@example.org", signed=False, headers="", author=None):
        content = smtp.message(subject, sender=author or sender, headers=headers)
        if signed:
            content = self.signed(content)
        return self.gateway.deliver(to, content, sender=sender, source=source)

    def arrived(self, subject):
        return email.message_from_bytes(self.delivered(subject).content)

    def ours(self, subject):
        """The results in our field, as {method: result}."""
        field = self.arrived(subject)["Authentication-Results"] or ""
        self.assertTrue(field.startswith("mx.example.org"), field)
        found = re.findall(r";\s*(spf|dkim|dmarc|arc)=(\w+)", field)
        return dict(reversed(found))  # of several results of SPF the first is the reverse-path's

    def row(self, sender):
        return wait_for("the row in the journal",
                        lambda: next(iter(self.gateway.rows("--sender", sender)), None), 20)


class Observed(AuthFront):
    """The default: written down and written into the header, and nothing more."""

    def test_a_genuine_message(self):
        self.assertTrue(self.send("genuine", sender="a@good.test", signed=True).taken)
        results = self.ours("genuine")
        self.assertEqual((results["spf"], results["dkim"], results["dmarc"]), ("pass", "pass", "pass"))
        head = list(self.arrived("genuine").keys())
        self.assertEqual(head[:2], ["Authentication-Results", "Received"])
        sender = self.row("a@good.test")["sender"]
        self.assertIn({"address": "a@good.test", "place": "from", "by": "dkim", "domain": "good.test"}, sender["proved"])
        self.assertIn({"address": "a@good.test", "place": "reverse-path", "by": "spf", "domain": "good.test"},
                      sender["proved"])

    def test_a_forged_one_is_only_observed(self):
        self.assertTrue(self.send("forged", sender="b@strict.test", source=BAD).taken)
        results = self.ours("forged")
        self.assertEqual((results["spf"], results["dmarc"]), ("fail", "fail"))
        row = self.row("b@strict.test")
        names = [reason["name"] for reason in row["reasons"]]
        self.assertEqual(names[0], "clean")
        self.assertIn("spf-fail-observed", names)
        self.assertIn("dmarc-reject-observed", names)
        self.assertIn("notify-never-observed", names)
        told = self.gateway.command("explain", "-c", self.gateway.config_file, row["id"]).stdout
        self.assertIn("spf fail for strict.test", told)
        self.assertIn("b@strict.test (reverse-path) is not proved", told)

    def test_results_in_our_name_are_taken_out(self):
        self.assertTrue(self.send("results", sender="c@good.test", headers=FORGED).taken)
        fields = self.arrived("results").get_all("Authentication-Results")
        self.assertEqual(len(fields), 2, fields)
        self.assertNotIn("forged.test", "".join(fields))
        self.assertIn("mx.other.test", fields[1])

    def test_a_broken_signature(self):
        content = self.signed(smtp.message("broken", sender="d@good.test")).replace(b"Hello.", b"Hullo.")
        self.assertTrue(self.gateway.deliver("alice@example.org", content, sender="d@good.test", source=BAD).taken)
        self.assertEqual(self.ours("broken")["dkim"], "fail")

    def test_metrics(self):
        self.send("counted", sender="e@good.test", signed=True)
        self.row("e@good.test")
        metrics = self.gateway.metrics()
        for line in ('{method="spf",result="pass"}', '{method="dkim",result="pass"}', '{method="dmarc",result="pass"}'):
            self.assertIn("anechoic_auth_results_total" + line, metrics)

    def test_a_dead_name_server_is_unknown_and_mail_flows(self):
        self.dns.dead = True
        self.assertTrue(self.send("outage", sender="f@outage.test", source=BAD).taken)
        self.assertEqual(self.ours("outage")["spf"], "temperror")
        row = self.row("f@outage.test")
        self.assertEqual([reason["name"] for reason in row["reasons"]], ["clean"])
        self.assertIn("unknown", [one["value"] for one in row["sender"]["not_proved"]])

    def test_a_slow_name_server_keeps_nobody_else_waiting(self):
        """By the order of events: the second message is delivered while the first one's question is still open."""
        self.dns.hold("slow.test")
        with self.client(source=GOOD) as waiting:
            waiting.ehlo()
            self.assertEqual(waiting.mail("g@slow.test").code, 250)
            self.assertEqual(waiting.rcpt("alice@example.org").code, 250)
            self.assertEqual(waiting.command("DATA").code, 354)
            waiting.send(smtp.message("waits", sender="g@slow.test") + b".\r\n")
            wait_for("the question", lambda: self.dns.asked("slow.test"))
            for number in range(4):  # on every thread of the gateway
                self.assertTrue(self.send(f"passes {number}", sender="h@good.test").taken)
            self.assertFalse([message for message in self.store.messages if b"Subject: waits" in message.content])
            self.dns.release()
            self.assertEqual(waiting.reply().code, 250)
        self.assertEqual(self.ours("waits")["spf"], "pass")


class Enforced(AuthFront):
    """Refused, but never on an unknown, for postmaster, or by a trusted relay."""

    auth = {"spf": "enforce", "dmarc": "enforce", "own_domain": "enforce"}

    @classmethod
    def make_config(cls):
        return {**super().make_config(), "relay": {"filter": {"networks": [f"{RELAY}/32"]}}}

    def test_spf(self):
        sent = self.send("no", sender="a@strict.test", source=BAD)
        self.assertEqual(sent.end.code, 550, sent)
        self.assertTrue(sent.end.text.startswith("5.7.23"), sent)
        self.assertEqual(self.store.messages, [])
        self.assertEqual(self.row("a@strict.test")["reasons"][0]["name"], "spf-fail")

    def test_dmarc_needs_more_than_its_policy(self):
        refused = self.send("author", sender="b@soft.test", author="b@strict.test", source=BAD)
        self.assertEqual(refused.end.code, 550, refused)
        self.assertEqual(self.row("b@soft.test")["reasons"][0]["name"], "dmarc-reject")
        listed = self.send("by a list", sender="c@good.test", author="c@strict.test", source=GOOD)
        self.assertTrue(listed.taken, "the list's own reverse-path passes")

    def test_our_own_domain(self):
        refused = self.send("as us", sender="boss@example.org", source=BAD)
        self.assertEqual(refused.end.code, 550, refused)
        self.assertTrue(self.send("us", sender="boss@example.org", source=GOOD).taken)

    def test_unknown_is_not_no(self):
        self.dns.dead = True
        self.assertTrue(self.send("unknown", sender="d@unseen.test", source=BAD).taken)

    def test_postmaster_hears_everybody(self):
        self.assertTrue(self.send("help", sender="e@strict.test", source=BAD, to="postmaster@example.org").taken)

    def test_behind_a_trusted_relay(self):
        trace = f"Received: from {{}} (x.test [{{}}]) by filter.test; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        self.assertTrue(self.send_by_relay("relayed well", trace.format("good.test", GOOD)).taken)
        self.assertEqual(self.ours("relayed well")["spf"], "pass")
        self.assertTrue(self.send_by_relay("relayed badly", trace.format("bad.test", BAD)).taken, "it would bounce")
        self.assertEqual(self.ours("relayed badly")["spf"], "fail")

    def send_by_relay(self, subject, trace):
        content = trace.encode() + smtp.message(subject, sender="f@strict.test")
        return self.gateway.deliver("alice@example.org", content, sender="f@strict.test", source=RELAY)

    def test_switched_off_by_a_reload(self):
        config = self.gateway.config["auth"]
        try:
            config["checks"] = False
            self.gateway.write_config()
            self.gateway.reload()
            wait_for("the reload", lambda: self.send("off", sender="g@strict.test", source=BAD).taken)
            self.assertIsNone(self.arrived("off")["Authentication-Results"])
        finally:
            config["checks"] = True
            self.gateway.write_config()
            self.gateway.reload()
        wait_for("the reload", lambda: not self.send("on", sender="h@strict.test", source=BAD).taken)


class NotifyNever(Dns):
    """RULES R26: the backend is asked for no bounce where SPF does not prove the return path."""

    def recipients(self, mode, sender, source, extensions=("PIPELINING", "DSN")):
        """The RCPT lines that the backend saw."""
        with ScriptedBackend(STORE, extensions=extensions) as store, \
                Gateway(f"smtp://{STORE}:25", config=self.config_of(notify_never=mode)) as gateway:
            self.assertTrue(gateway.deliver("alice@example.org", smtp.message("dsn", sender=sender), sender=sender,
                                            source=source).taken)
            return [line for _, line in store.commands if line.startswith("RCPT TO:<alice")]

    def test_enforced(self):
        plain, never = ["RCPT TO:<alice@example.org>"], ["RCPT TO:<alice@example.org> NOTIFY=NEVER"]
        for sender, source, expected in (("a@good.test", GOOD, plain), ("a@good.test", BAD, never),
                                         ("a@soft.test", BAD, never), ("a@nothing.test", BAD, never)):
            with self.subTest(sender=sender, source=source):
                self.assertEqual(self.recipients("enforce", sender, source), expected)

    def test_observed(self):
        self.assertEqual(self.recipients("observe", "a@good.test", BAD), ["RCPT TO:<alice@example.org>"])

    def test_a_backend_without_dsn(self):
        self.assertEqual(self.recipients("enforce", "a@good.test", BAD, ("PIPELINING",)), ["RCPT TO:<alice@example.org>"])

    def test_not_on_a_temporary_error(self):
        self.dns.dead = True
        try:
            self.assertEqual(self.recipients("enforce", "a@unseen.test", BAD), ["RCPT TO:<alice@example.org>"])
        finally:
            self.dns.dead = False


class BehindPostfix(Dns):
    """With a real server behind: what it keeps has our field on top of what came, and a signature still verifies."""

    def test_delivered(self):
        with peers.Postfix() as peer, Gateway(f"smtp://{peer.address}:25", config=self.config_of()) as gateway:
            content = self.signed(smtp.message("to postfix", sender="a@good.test", headers=FORGED))
            self.assertTrue(gateway.deliver("alice@example.org", content, sender="a@good.test", source=GOOD).taken)
            kept = email.message_from_bytes(peer.wait_mail("alice", "to postfix"))
            fields = kept.get_all("Authentication-Results")
            self.assertIn("dkim=pass", fields[0])
            self.assertNotIn("forged.test", "".join(fields))


if __name__ == "__main__":
    unittest.main()
