# SPDX-License-Identifier: Apache-2.0
"""Nothing smuggles a second message through the gateway into Postfix or Exim; sent to Debian's Postfix directly, at least
one sequence does. RFC 5321 2.3.8, CVE-2023-51764 and its sisters."""

import json
import os
import pathlib
import time
import unittest

from lib import peers, smtp
from lib.gateway import Gateway

# Byte sequences that some server somewhere took for the end of the data; the one right one is not among them.
LITERALS = [b"\n.\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n",
            b"\r\n.\0\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\r\0\n.\r\n", b"\r\n.\r\0\n", b"\n\n.\n\n", b"\r\n..\n",
            b"\r\n.\n\r\n", b"\n.\r\r\n", b"\r\n \r.\r\n", b"\x0b.\x0b", b"\x85.\x85", b"\xe2\x80\xa8.\xe2\x80\xa8"]

# A right end of data with something beside it: the message ends there, and what follows are commands by right.
ENDING = [b"\0\r\n.\r\n", b"\r\n.\r\n\0"]


def corpus():
    """The collected sequences that do not end the data, if the machine has them (ANECHOIC_CORPORA names the folder)."""
    folder = pathlib.Path(os.environ.get("ANECHOIC_CORPORA", pathlib.Path(__file__).resolve().parents[3] / "shared/corpora"))
    file = folder / "smtp/eod-sequences/eod.json"
    if not file.is_file():
        return None
    sequences = [bytes.fromhex(entry["hex"]) for entry in json.loads(file.read_text()) if not entry["ends_data"]]
    return [sequence for sequence in sequences if b"\r\n.\r\n" not in sequence]


def payload(sequence, number, victim="bob"):
    """A first message, the sequence, a whole second transaction, and the true end."""
    inner = smtp.message(f"smuggled {number}", sender="admin@sender.test", to=f"{victim}@example.org")
    second = f"MAIL FROM:<admin@sender.test>\r\nRCPT TO:<{victim}@example.org>\r\nDATA\r\n".encode() + inner
    return smtp.message(f"carrier {number}") + sequence + second


def attempt(client, content, pipelined=False):
    """One message whose data is `content` as it stands; the first reply to its end, and whatever else was said."""
    client.ehlo()
    if pipelined:
        client.send(b"MAIL FROM:<sender@sender.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
        replies = client.replies(3)
    else:
        replies = [client.mail("sender@sender.test"), client.rcpt("alice@example.org"), client.command("DATA")]
    assert replies[-1].code == 354, replies
    client.send(content + b"\r\n.\r\n")
    first = client.reply()
    rest = []
    client.socket.settimeout(0.15)
    try:
        while True:
            rest.append(client.reply())
    except (TimeoutError, smtp.Gone, ValueError):
        pass
    return first, rest


class Control(unittest.TestCase):
    def test_postfix_directly_is_smuggled_into(self):
        with peers.Postfix() as postfix:
            for number, sequence in enumerate(LITERALS):
                with smtp.Client(postfix.address) as client:
                    attempt(client, payload(sequence, number))
            peers.wait_for("a smuggled message", lambda: any(b"Subject: smuggled" in mail and b"Subject: carrier" not in mail
                                                             for mail in postfix.mail("bob")))


class Through:
    """Every sequence through the gateway; the backend's mailboxes are then the judges."""

    bare_newline = "reject"

    @classmethod
    def setUpClass(cls):
        cls.peer = cls.enterClassContext(cls.server())
        cls.gateway = cls.enterClassContext(Gateway(f"smtp://{cls.peer.address}:{cls.peer.port}", config={
            "inbound": {"bare_newline": cls.bare_newline}}))

    def all_at(self, sequences, pipelined):
        taken = 0
        for number, sequence in enumerate(sequences):
            with self.subTest(sequence=sequence), self.gateway.client() as client:
                first, rest = attempt(client, payload(sequence, number), pipelined)
                taken += first.kind == 2
                self.assertIn(first.kind, (2, 5))
                self.assertEqual(rest, [], "the gateway read commands out of the body")
        return taken

    def no_second_message(self, taken):
        self.peer.wait_idle()
        peers.wait_for("the carriers", lambda: len(self.peer.mail("alice")) >= taken)
        time.sleep(0.3)
        self.assertEqual(self.peer.mail("bob"), [], "a second message came through")
        self.assertEqual(len(self.peer.mail("alice")), taken, "carriers: one for each 250")
        for mail in self.peer.mail("alice"):
            if b"carrier" in mail:
                self.assertNotIn(b"\n.\n", mail, "a lone dot reached the store")

    def test_literals(self):
        before = len(self.peer.mail("alice"))
        taken = self.all_at(LITERALS, False) + self.all_at(LITERALS, True)
        self.no_second_message(before + taken)

    def test_corpus(self):
        sequences = corpus()
        if sequences is None:
            self.skipTest("the corpus smtp/eod-sequences is not on this machine (ANECHOIC_CORPORA); the literals were tried")
        before = len(self.peer.mail("alice"))
        self.no_second_message(before + self.all_at(sequences, False) + self.all_at(sequences, True))

    def test_right_ends_with_something_beside_them(self):
        """Here the data does end and commands do follow; gateway and backend must count the same messages."""
        before = len(self.peer.mail("alice")) + len(self.peer.mail("carol"))
        taken = 0
        for number, sequence in enumerate(ENDING):
            with self.subTest(sequence=sequence), self.gateway.client() as client:
                first, rest = attempt(client, payload(sequence, number, "carol"))
                started = sum(reply.code == 354 for reply in rest)
                taken += (first.kind == 2) + (started == 1 and rest[-1].kind == 2)
        self.peer.wait_idle()
        peers.wait_for("the messages", lambda: len(self.peer.mail("alice")) + len(self.peer.mail("carol")) >= before + taken)
        time.sleep(0.3)
        self.assertEqual(len(self.peer.mail("alice")) + len(self.peer.mail("carol")), before + taken)

    def test_split_at_every_byte(self):
        """The same in segments of one byte around the sequence: no parser state is lost between reads."""
        before, taken = len(self.peer.mail("alice")), 0
        for sequence in LITERALS[:10]:
            with self.subTest(sequence=sequence), self.gateway.client() as client:
                client.ehlo()
                client.pipeline("MAIL FROM:<sender@sender.test>", "RCPT TO:<alice@example.org>", "DATA")
                client.send(smtp.message("split carrier")[:-2])
                client.dribble(sequence + b"MAIL FROM:<a@example.org>\r\n")
                client.send(b"RCPT TO:<bob@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n")
                taken += client.reply().kind == 2
        self.no_second_message(before + taken)

    def test_bare_line_ends_in_commands(self):
        """A command line ends at CRLF only: what hides behind a bare CR or LF is never a command of its own."""
        for poison in (b"\n", b"\r", b"\0"):
            for line in (b"NOOP" + poison + b"MAIL FROM:<x@sender.test>", b"MAIL FROM:<x@sender.test>" + poison + b"RCPT TO:<bob@example.org>",
                         b"EHLO a" + poison + b"b", b"RCPT TO:<bob@example.org" + poison + b">", b"QUIT" + poison):
                with self.subTest(line=line), self.gateway.client() as client:
                    client.ehlo()
                    self.assertEqual(client.command(line + b"\r\n").kind, 5)
                    self.assertTrue(client.silent(0.1))
        self.assertEqual(self.peer.mail("bob"), [])

    def test_poison_in_paths_and_parameters(self):
        """What is sent to the backend is written anew: no byte of the client's line can end ours."""
        for path in (b'"x\r\nRCPT TO:<bob@example.org>"@sender.test', b'"x\\\nRCPT"@sender.test', b"x@sender.test>\x0bRCPT TO:<bob@example.org"):
            with self.subTest(path=path), self.gateway.client() as client:
                client.ehlo()
                client.send(b"MAIL FROM:<" + path + b">\r\n")
                self.assertEqual(client.reply().kind, 5)
        self.assertEqual(self.peer.mail("bob"), [])

    def test_bdat_is_stuffed_again(self):
        """BDAT carries dots and dot lines by right; to a backend that hears DATA they go stuffed."""
        before = len(self.peer.mail("alice"))
        content = smtp.message("dots by bdat", body="above\r\n.\r\nMAIL FROM:<a@sender.test>\r\n..\r\n.x\r\nbelow\r\n")
        with self.gateway.client() as client:
            client.ehlo()
            client.mail("sender@sender.test")
            client.rcpt("alice@example.org")
            for start in range(0, len(content), 7):
                chunk = content[start:start + 7]
                last = " LAST" if start + 7 >= len(content) else ""
                client.send(f"BDAT {len(chunk)}{last}\r\n".encode() + chunk)
                reply = client.reply()
                self.assertEqual(reply.kind, 2, reply)
        mail = self.peer.wait_mail("alice", "dots by bdat")
        self.assertIn(b"above\n.\nMAIL FROM:<a@sender.test>\n..\n.x\nbelow\n", mail)
        self.no_second_message_bdat(before + 1)

    def no_second_message_bdat(self, expected):
        self.peer.wait_idle()
        self.assertEqual(len(self.peer.mail("alice")), expected)
        self.assertEqual(self.peer.mail("bob"), [])

    def test_bdat_with_bare_line_ends(self):
        before, taken = len(self.peer.mail("alice")), 0
        for number, sequence in enumerate(LITERALS):
            with self.subTest(sequence=sequence), self.gateway.client() as client:
                content = payload(sequence, number)
                client.ehlo()
                client.mail("sender@sender.test")
                client.rcpt("alice@example.org")
                client.send(f"BDAT {len(content)} LAST\r\n".encode() + content)
                reply = client.reply()
                self.assertIn(reply.kind, (2, 5))
                taken += reply.kind == 2
                self.assertTrue(client.silent(0.1))
        self.peer.wait_idle()
        self.assertEqual(len(self.peer.mail("alice")), before + taken)
        self.assertEqual(self.peer.mail("bob"), [])

    def test_pipelined_starttls_is_plaintext_injection(self):
        """Without a certificate STARTTLS is no command; with one, see front_test."""
        with self.gateway.client() as client:
            client.ehlo()
            client.send(b"STARTTLS\r\nMAIL FROM:<x@sender.test>\r\n")
            self.assertEqual(client.reply().kind, 5)


class PostfixBehind(Through, unittest.TestCase):
    server = peers.Postfix


class EximBehind(Through, unittest.TestCase):
    server = peers.Exim


class PostfixBehindNormalizing(Through, unittest.TestCase):
    """With bare_newline = "normalize" bare line ends become CRLF: the lone dots that this makes are stuffed."""
    server = peers.Postfix
    bare_newline = "normalize"

    def no_second_message(self, taken):
        self.peer.wait_idle()
        peers.wait_for("the carriers", lambda: len(self.peer.mail("alice")) >= taken)
        time.sleep(0.3)
        self.assertEqual(self.peer.mail("bob"), [], "a second message came through")
        self.assertEqual(len(self.peer.mail("alice")), taken, "carriers: one for each 250")


if __name__ == "__main__":
    unittest.main()
