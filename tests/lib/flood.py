# SPDX-License-Identifier: Apache-2.0
"""A flooded mailbox, generated: false bounces of a joe job, genuine ones, and ordinary mail; and the owner's sent mail.
The same seed gives the same bytes."""

import dataclasses
import email.utils
import pathlib
import random
import time

from lib import bounces

ME = "alice@example.org"
BEGIN = 1790812800  # 2026-10-01
DAY = 86400
WORDS = ("meeting report invoice holiday project draft picture budget contract question garden train ticket recipe music "
         "school match lunch printer keyboard results update minutes plan offer order museum bicycle river mountain").split()
NAMES = "bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent victor walter".split()
FAILURES = (("550", "5.1.1", "User unknown"), ("550", "5.1.1", "Recipient address rejected: User unknown in virtual mailbox table"),
            ("552", "5.2.2", "Mailbox full"), ("550", "5.7.1", "Message rejected as spam by content filtering"),
            ("554", "5.7.1", "Service unavailable; Client host blocked using a DNS block list"),
            ("550", "5.4.1", "Recipient address rejected: Access denied"), ("550", "5.2.1", "The email account that you tried to reach is disabled"))


@dataclasses.dataclass
class Mail:
    text: str
    at: float
    kind: str        # false, genuine, ordinary
    marker: str      # in its text, and in no other message
    envelope: str = "MAILER-DAEMON"

    def file(self):
        return self.text.encode("latin-1" if "@corpus.test" in self.marker else "utf-8")

    def mbox(self):
        lines = self.text.rstrip("\n").split("\n")
        quoted = "\n".join(">" + line if line.lstrip(">").startswith("From ") else line for line in lines)
        return f"From {self.envelope} {time.strftime('%a %b %e %H:%M:%S %Y', time.gmtime(self.at))}\n{quoted}\n\n".encode("latin-1" if "@corpus.test" in self.marker else "utf-8")


class Flood:
    """`ordinary` is a number of generated messages, or a list of files with real ones; `informed` is the share of forgers who copy
    the Message-ID, or a whole message, of public mail that Alice sent."""

    def __init__(self, false=3000, genuine=20, ordinary=2500, seed=1, informed=0.0):
        self.random = random.Random(seed)
        self.number = 0
        self.sent = []       # Originals, all that were sent
        self.mails = []
        self._write_sent(max(60, genuine * 3))
        self.answered = self.random.sample(self.sent, genuine)  # those with a genuine bounce
        for original in self.answered:
            self.mails.append(self._bounce("genuine", original))
        for index in range(false):
            forgery = self._forgery()
            if index < false * informed:
                public = self.random.choice(self.sent)
                forgery = (dataclasses.replace(forgery, message_id=public.message_id, sender=public.sender) if index % 2 else
                           dataclasses.replace(public, at=forgery.at))
                failed = self.person()
                self.mails.append(self._bounce("false", forgery, failed if index % 2 == 0 else None))
            else:
                self.mails.append(self._bounce("false", forgery))
        if isinstance(ordinary, int):
            self.mails += [self._ordinary() for _ in range(ordinary)]
        else:
            self.mails += [self._real(path) for path in ordinary]
        self.mails.sort(key=lambda mail: mail.at)

    def pick(self, *choices):
        return self.random.choice(choices)

    def words(self, least=2, most=6):
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(least, most)))

    def text(self, lines):
        return "".join(f"{self.words(5, 12)}.\n" for _ in range(lines))

    def person(self):
        return f"{self.pick(*NAMES)}{self.random.randint(1, 999)}@{self.pick(*WORDS)}-{self.pick(*WORDS)}.test"

    def _next(self):
        self.number += 1
        return self.number

    def _arrival(self, at, host):
        return (f"Return-Path: <>\nDelivered-To: {ME}\nReceived: from {host} ({host} [203.0.113.{sum(host.encode()) % 250 + 1}])\n"
                f"\tby mx.example.org (Postfix) with ESMTPS id 4B{self.number:08X}\n\tfor <{ME}>; {email.utils.formatdate(at)}\n")

    def _write_sent(self, count):
        for index in range(count):
            at = BEGIN + 30 * DAY * index / (count - 1)
            number = self._next()
            self.sent.append(bounces.Original(
                f"Alice Example <{ME}>", self.person(), f"{self.words()} no {number}", f"<{number:x}.{self.random.getrandbits(48):x}@example.org>",
                at, self.text(8), f"Received: from laptop.example.org ([192.0.2.17])\n\tby mail.example.org with ESMTPSA; "
                f"{email.utils.formatdate(at)}\n"))

    def _forgery(self):
        """A message that somebody else sent, with Alice as its envelope sender and mostly as its author."""
        number = self._next()
        at = BEGIN + 10 * DAY + self.random.gammavariate(3, 1.2 * DAY)
        sender = self.pick(ME, ME, f"Alice <{ME}>", f"Dr {self.pick(*NAMES)} <{self.person()}>")
        subject = self.pick("Your parcel waits", "Cheap meds", "RE: payment", "Hot offer", "You have won", "Account notice",
                            "=?utf-8?B?R8O8bnN0aWdlIFVocmVu?=", "Re: " + self.words())
        message_id = self.pick(f"<{self.random.getrandbits(64):x}@{self.pick(*WORDS)}.test>", f"<{self.random.getrandbits(64):X}@example.org>")
        return bounces.Original(sender, self.person(), f"{subject} {number}", message_id, at, self.text(self.random.randint(3, 60)),
                                f"Received: from [198.51.100.{number % 250}] (helo=pc-{number})\n\tby relay{number % 90}.test; "
                                f"{email.utils.formatdate(at)}\n")

    def _real(self, path):
        """A message of a corpus, with a marker of ours."""
        number = self._next()
        text = path.read_bytes().decode("latin-1").replace("\r\n", "\n")
        if text.startswith("From "):
            text = text.split("\n", 1)[1]
        marker = f"Message-ID: <o{number}@corpus.test>"
        return Mail(f"X-Test-{marker}\n{text}", BEGIN + self.random.random() * 30 * DAY, "ordinary", marker, "somebody@corpus.test")

    def _bounce(self, kind, original, failed=None):
        code, status, text = self.pick(*FAILURES)
        number = self._next()
        # Few servers send most of it.
        host = f"mx{number % 3}.{WORDS[min(int(self.random.expovariate(0.15)), len(WORDS) - 1)]}-mail.test"
        at = original.at + self.random.expovariate(1 / 7200)
        reported = dataclasses.replace(original, to=failed) if failed else original
        failure = bounces.Failure(reported, host, code, status, text, at, self.pick("full", "full", "headers"), number)
        dialect = self.pick(*bounces.DIALECTS)
        # The report goes to the envelope sender, which is Alice; what is returned has the author as it was.
        written = dialect(failure).replace(f"\nTo: {original.sender}\n", f"\nTo: {ME}\n", 1).replace(
            f"Return-Path: <{original.sender}>", f"Return-Path: <{ME}>").replace(f"Return-path: <{original.sender}>", f"Return-path: <{ME}>")
        return Mail(self._arrival(at, host) + written, at, kind, f"Message-ID: <b{number}@{host}>")

    def _ordinary(self):
        number = self._next()
        at = BEGIN + self.random.random() * 30 * DAY
        sender = self.person()
        host = sender.split("@")[1]
        marker = f"Message-ID: <o{number}@{host}>"
        subject, extra = self.pick(
            (self.words(), ""), ("Re: " + self.words(), f"In-Reply-To: <{number}@example.org>\n"), (self.words(), ""),
            ("[users] " + self.words(), f"List-Id: <users.{host}>\nPrecedence: list\nSender: users-bounces@{host}\n"),
            ("News of " + self.words(), f"List-Unsubscribe: <mailto:off@{host}>\nPrecedence: bulk\n"),
            ("Why do I get undelivered mail returned to sender?", ""), ("Fwd: bounce problem", ""))
        body = self.text(self.random.randint(2, 40))
        if "undelivered" in subject:
            body += "\n> I'm afraid I wasn't able to deliver your message to the following addresses.\n\nDo you know what that means?\n"
        text = (self._arrival(at, f"mail.{host}").replace("Return-Path: <>", f"Return-Path: <{sender}>") + f"From: {sender}\nTo: {ME}\n"
                f"Subject: {subject}\nDate: {email.utils.formatdate(at)}\n{marker}\n{extra}MIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=utf-8\n\nHello Alice,\n\n{body}\nFrom here on it is all the same.\n")
        return Mail(text, at, "ordinary", marker, sender)

    # ---- as files

    def of(self, kind):
        return [mail for mail in self.mails if mail.kind == kind]

    def write_mbox(self, path):
        pathlib.Path(path).write_bytes(b"".join(mail.mbox() for mail in self.mails))

    def write_sent(self, path):
        pathlib.Path(path).write_bytes(b"".join(
            Mail(original.whole(), original.at, "sent", "", ME).mbox() for original in self.sent))

    def write_maildir(self, root, folders=("",)):
        """Spreads the messages over the Maildir and its folders, new and seen, with flags."""
        root = pathlib.Path(root)
        for folder in folders:
            for name in ("cur", "new", "tmp"):
                (root / folder / name).mkdir(parents=True)
        for index, mail in enumerate(self.mails):
            box = root / folders[index % len(folders)]
            base = f"{int(mail.at)}.M{index}P1.host,S={len(mail.file())}"
            flags = ("", "S", "RS", "FSa", "T")[index % 5]
            (box / "new" / base if index % 3 == 0 else box / "cur" / f"{base}:2,{flags}").write_bytes(mail.file())
