# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost when triage is killed at any point or servers deliver meanwhile."""

import os
import random
import re
import signal
import subprocess
import threading
import time
import unittest

from lib import flood, peers, smtp, triage
from lib.mailboxes import Mailboxes
from lib.triage import FINE, FOUND

# Calls at which a run is killed, one after the other.
POINTS = ("openat", "write", "fsync", "rename", "renameat2", "link", "unlink", "mkdir", "rmdir", "fcntl", "ftruncate", "pread64")
TINY = {"false": 30, "genuine": 3, "ordinary": 20}


class Kills(Mailboxes):
    """kill -9 at many points; the next run finishes or takes back, and --undo gives the same bytes."""

    def check_whole(self, kind, place, content, where):
        """After a kill: every message is still there, each in the mailbox or in the target."""
        everything = {name: text for name, text in triage.tree(place).items()
                      if text and "anechoic-triage" not in name and not name.endswith(".lock")}
        self.assertEqual(triage.count(everything, content.mails), len(content.mails), f"{kind}: lost after a kill at {where}")
        if kind == "mbox":
            inbox = everything["inbox"]
            self.assertEqual(triage.count(inbox, content.of("ordinary") + content.of("genuine")), 23, where)

    def finish(self, kind, inbox, place, content, arguments, before, where):
        self.check_whole(kind, place, content, where)
        triage.run(*arguments, expect=(FINE, FOUND))
        rest = {name: text for name, text in triage.tree(place).items()
                if "Backscatter" not in name and "anechoic-triage" not in name}
        self.assertLessEqual(triage.count(rest, content.of("false")), 1, where)
        triage.run("--undo", inbox, expect=FINE)
        self.assertEqual(triage.tree(place), before, f"{kind}: after a kill at {where}")

    def kill_at(self, call, number, arguments):
        """Whether the run got as far as to be killed there."""
        done = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}",
             *triage.command(*arguments)], capture_output=True, text=True, env=triage.ENVIRONMENT, timeout=120)
        killed = done.returncode in (-9, 137)
        self.assertTrue(killed or done.returncode in (FINE, FOUND), f"{call} {number}: {done.returncode} {done.stderr}")
        return killed

    def each_point(self, kind, undo):
        content = flood.Flood(**TINY)
        inbox, place, sent = self.make(kind, content)
        before = triage.tree(place)
        apply = ("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", inbox)
        kills = 0
        for call in POINTS:
            # The program's start has calls of its own; the last ones are the telling ones, so steps grow.
            number = 1
            while True:
                if undo:
                    triage.run(*apply, expect=FOUND)
                killed = self.kill_at(call, number, ("--undo", inbox) if undo else apply)
                if killed:
                    kills += 1
                    if undo:
                        self.check_whole(kind, place, content, f"{call} {number}")
                        if number % 2 == 0:  # either way out must do
                            triage.run(*apply, expect=(FINE, FOUND))
                        triage.run("--undo", inbox, expect=FINE)
                        self.assertEqual(triage.tree(place), before, f"{kind}: undo killed at {call} {number}")
                    else:
                        self.finish(kind, inbox, place, content, apply, before, f"{call} {number}")
                elif undo:
                    self.assertEqual(triage.tree(place), before)
                else:
                    triage.run("--undo", inbox, expect=FINE)
                    self.assertEqual(triage.tree(place), before)
                if not killed:
                    break
                number += max(1, number // 2)
        self.assertGreater(kills, 20)

    def test_apply_on_an_mbox(self):
        self.each_point("mbox", False)

    def test_undo_on_an_mbox(self):
        self.each_point("mbox", True)

    def test_apply_on_a_maildir(self):
        self.each_point("maildir", False)

    def test_undo_on_a_tree(self):
        self.each_point("tree", True)

    def test_at_random_moments(self):
        content = flood.Flood(**TINY)
        for kind in ("mbox", "tree"):
            inbox, place, sent = self.make(kind, content)
            before = triage.tree(place)
            arguments = ("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", inbox)
            began = time.monotonic()
            triage.run(*arguments, expect=FOUND)
            whole = time.monotonic() - began
            triage.run("--undo", inbox, expect=FINE)
            for index in range(15):
                chance = random.Random(index)
                process = subprocess.Popen(triage.command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                           env=triage.ENVIRONMENT)
                time.sleep(chance.uniform(0.3, 1.05) * whole)
                process.send_signal(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
                process.wait()
                self.finish(kind, inbox, place, content, arguments, before, f"random moment {index}")


class Deliveries(Mailboxes):
    """Real servers deliver into the mailbox throughout, and read it."""

    MESSAGES = 400

    def deliver_while(self, address, port, to, work, lmtp=False):
        """Sends messages one after the other while `work` is called again and again; returns their markers."""
        markers = [f"delivered-{index:05d}-end" for index in range(self.MESSAGES)]
        failed = []

        def send():
            for marker in markers:
                content = smtp.message(marker, sender="friend@sender.test", to=to)
                with smtp.Client(address, port) as link:
                    link.ehlo(verb="LHLO" if lmtp else "EHLO")
                    replies = [link.mail("friend@sender.test"), link.rcpt(to), link.body(content)]
                if any(reply.kind not in (2, 3) for reply in replies):
                    failed.append((marker, replies))

        sender = threading.Thread(target=send)
        sender.start()
        rounds = 0
        while sender.is_alive() or rounds < 3:
            work(rounds)
            rounds += 1
        sender.join()
        self.assertEqual(failed, [])
        return markers, rounds

    def apply_and_undo(self, inbox, sent):
        """A piece of work: now a run, now one that is killed, now an undo."""
        arguments = ("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", inbox)

        def work(number):
            if number % 3 == 2:
                triage.run("--undo", inbox, expect=FINE)
            elif number % 3 == 1:
                process = subprocess.Popen(triage.command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                           env=triage.ENVIRONMENT)
                time.sleep(random.Random(number).uniform(0, 0.4))
                process.kill()
                process.wait()
            else:
                triage.run(*arguments, expect=(FINE, FOUND))
        return work

    def test_postfix_delivers_into_the_mbox(self):
        content = flood.Flood(150, 5, 100)
        sent = self.folder / "sent"
        content.write_sent(sent)
        with peers.Postfix(LOCAL_DOMAIN="local.test") as postfix:
            inbox = postfix.out / "spool" / "vmail"
            content.write_mbox(inbox)
            os.chown(inbox, 5006, 5006)
            os.chmod(inbox, 0o600)
            before = inbox.read_bytes()
            markers, rounds = self.deliver_while(postfix.address, postfix.port, "vmail@local.test", self.apply_and_undo(inbox, sent))
            # The last run may have been killed with the lock file in place; Postfix waits until the next one removes it.
            triage.run("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", inbox, expect=(FINE, FOUND))
            postfix.wait_idle(15)
            self.assertEqual(triage.count(inbox.read_bytes(), content.of("false")), 0)
            triage.run("--undo", inbox, expect=FINE)
            after = inbox.read_bytes()
            status = inbox.stat()
            self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o777), (5006, 5006, 0o600))
            self.assertEqual([path.name for path in inbox.parent.iterdir()], ["vmail"])
            self.assertEqual(postfix.bounces(), [])
        self.assertGreaterEqual(rounds, 3)
        self.assertTrue(after.startswith(before), "what was there is there, byte for byte")
        found = re.findall(rb"^Subject: (delivered-\d+-end)", after, re.M)
        self.assertEqual(sorted(found), [marker.encode() for marker in markers], "each delivered message once")

    def test_dovecot_delivers_into_the_maildir_and_reads_it(self):
        content = flood.Flood(150, 5, 100)
        sent = self.folder / "sent"
        content.write_sent(sent)
        with peers.Dovecot() as dovecot:
            root = dovecot.out / "mail" / "alice"
            content.write_maildir(root)
            for path in (root, *root.rglob("*")):
                os.chown(path, 5006, 5006)

            def ids(mailbox):
                read = dovecot.inside("doveadm", "fetch", "-u", "alice@example.org", "hdr.message-id text", "mailbox", mailbox, "all")
                self.assertEqual(read.returncode, 0, read.stderr)
                return re.findall(r"^hdr.message-id: <(delivered-\d+-end|.*@.*)\b.*>$", read.stdout, re.M)

            original = sorted(ids("INBOX"))
            self.assertEqual(len(original), 255)
            triage_work = self.apply_and_undo(root, sent)

            def work(number):
                triage_work(number)
                flag = dovecot.inside("doveadm", "flags", "add" if number % 2 else "remove", "-u", "alice@example.org",
                                      "\\Flagged keyword", "mailbox", "INBOX", "all")
                self.assertEqual(flag.returncode, 0, flag.stderr)

            markers, rounds = self.deliver_while(dovecot.address, dovecot.port, "alice@example.org", work, lmtp=True)
            triage.run("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", root, expect=(FINE, FOUND))
            everything = sorted(original + markers)
            self.assertEqual(sorted(ids("INBOX") + ids("Backscatter")), everything)
            moved = ids("Backscatter")
            self.assertGreaterEqual(len(moved), 149)
            self.assertFalse(any("delivered" in one for one in moved))
            triage.run("--undo", root, expect=FINE)
            self.assertEqual(sorted(ids("INBOX")), everything)
            log = dovecot.log()
        self.assertGreaterEqual(rounds, 3)
        self.assertNotRegex(log, r"(?i)panic|fatal|corrupt|broken")


if __name__ == "__main__":
    unittest.main()
