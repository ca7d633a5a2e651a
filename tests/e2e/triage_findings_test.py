# SPDX-License-Identifier: Apache-2.0
"""A flooded mailbox is triaged: what is found, told, moved and refused."""

import os
import pathlib
import signal
import subprocess
import time

from lib import flood, roots, triage
from lib.mailboxes import Mailboxes
from lib.triage import COULD_NOT, FINE, FOUND

SMALL = {"false": 60, "genuine": 5, "ordinary": 40}


class Findings(Mailboxes):
    def test_the_flood_of_the_issue(self):
        whole = flood.Flood(3000, 20, 2500)
        tenth = flood.Flood(300, 20, 250)
        for kind, content in (("mbox", whole), ("maildir", tenth), ("tree", tenth)):
            with self.subTest(kind=kind):
                false, ordinary = len(content.of("false")), len(content.of("ordinary"))
                inbox, place, sent = self.make(kind, content)
                before = triage.tree(place)
                arguments = ("--me", flood.ME, "--sent", sent)
                found = triage.findings(*arguments, "--report", self.folder / "report.html", inbox, expect=FOUND)
                self.assertEqual(triage.tree(place), before, "dry by default")
                self.assertEqual(found["messages"], len(content.mails))
                listed = {genuine["subject"] for genuine in found["genuine"]}
                self.assertEqual(listed, {original.subject for original in content.answered}, "all are found and listed")
                self.assertEqual(found["origins"]["ours"], 20)
                page = (self.folder / "report.html").read_text()
                for original in content.answered:
                    self.assertIn(original.to, page)

                applied = triage.findings(*arguments, "--apply", "--into", "Backscatter", inbox, expect=FOUND)
                after = triage.tree(place)
                target = {name: text for name, text in after.items() if "Backscatter" in name}
                rest = {name: text for name, text in after.items() if name not in target and "anechoic-triage" not in name}
                self.assertGreaterEqual(triage.count(target, content.of("false")), false - false // 300)
                self.assertEqual(triage.count(target, content.of("genuine")), 0)
                self.assertEqual(triage.count(target, content.of("ordinary")), 0)
                self.assertEqual(triage.count(rest, content.of("genuine")), 20)
                self.assertEqual(triage.count(rest, content.of("ordinary")), ordinary)
                self.assertEqual(applied["mailboxes"][0]["moved"], triage.count(target, content.of("false")))

                again = triage.findings(*arguments, "--apply", "--into", "Backscatter", inbox)
                self.assertEqual(again["mailboxes"][0]["moved"], 0)
                self.assertEqual(triage.tree(place), after, "applied twice is applied once")
                triage.run("--undo", inbox, expect=FINE)
                self.assertEqual(triage.tree(place), before)

    def test_real_ordinary_mail_stays(self):
        corpora = pathlib.Path(os.environ.get("ANECHOIC_CORPORA") or roots.SOURCE.parent / "shared" / "corpora") / "ham"
        if not corpora.is_dir():
            print(f"  not held: corpora absent ({corpora}); set ANECHOIC_CORPORA")
            self.skipTest("corpora absent")
        files = [path for path in sorted(corpora.rglob("*")) if path.is_file() and path.parent != corpora and "spam/" not in str(path)
                 and path.suffix not in (".md", "") and "README" not in path.name or path.parent.name == "easy_ham"]
        content = flood.Flood(300, 20, files, seed=3)
        inbox, _, sent = self.make("mbox", content)
        found = triage.findings("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", inbox, expect=FOUND)
        moved = (inbox.parent / "Backscatter").read_bytes()
        self.assertGreaterEqual(triage.count(moved, content.of("false")), 299)
        self.assertEqual(triage.count(moved, content.of("genuine")), 0)
        # Two of the "ordinary" corpus are a delay notice and a virus notice to the owner of a list: automatic, and not Alice's.
        self.assertLessEqual(triage.count(moved, content.of("ordinary")), 2, "real mail was moved")
        self.assertGreaterEqual(found["origins"]["ours"], 20)
        triage.run("--undo", inbox, expect=FINE)

    def test_informed_forgers(self):
        """A third of the forgers copy Message-IDs or whole messages that are public: what is theirs may stay, what is Alice's must."""
        content = flood.Flood(900, 20, 200, seed=5, informed=1 / 3)
        inbox, _, sent = self.make("mbox", content)
        found = triage.findings("--me", flood.ME, "--sent", sent, "--apply", "--into", "Backscatter", inbox, expect=FOUND)
        moved = (inbox.parent / "Backscatter").read_bytes()
        self.assertEqual(triage.count(moved, content.of("genuine") + content.of("ordinary")), 0)
        caught = triage.count(moved, content.of("false"))
        print(f"  informed forgers: {caught} of 900 moved, {found['origins']['unknown']} not certain, "
              f"{found['origins']['ours'] - 20} taken for answers to Alice's mail")
        self.assertGreaterEqual(caught, 740)

    def test_the_summary_and_what_is_not_known(self):
        inbox, _, sent = self.make("mbox", flood.Flood(**SMALL))
        told = triage.run("--me", flood.ME, "--sent", sent, inbox, expect=FOUND).stdout
        self.assertRegex(told, r"^105 messages: \d+ false bounces, 5 bounces of your own mail")
        self.assertIn("Answers to your own mail:", told)
        self.assertIn("Nothing was changed.", told)
        told = triage.run(inbox, expect=FINE).stdout
        self.assertIn("--me alice@example.org", told, "proposes the address that the mail is for")
        told = triage.run("--me", flood.ME, inbox, expect=FOUND).stdout
        self.assertIn("--sent", told)
        self.assertRegex(told, r"\d+: it needs your sent mail to tell")

    def test_exit_status_and_refusals(self):
        inbox, place, sent = self.make("mbox", flood.Flood(0, 0, 5))
        before = triage.tree(place)
        triage.run("--me", flood.ME, "--sent", sent, inbox, expect=FINE)
        for arguments, words in ((("--apply", inbox), "--into"), (("--me", "alice", inbox), "is no address"),
                                 ((place / "nothing",), "there is no mailbox"), (("--undo", "--apply", inbox), "--undo"),
                                 (("--apply", "--into", "/nowhere/x", inbox), "make it first"),
                                 (("carol@x.test",), "--me carol@x.test"), (("--me", "a@x.test", "carol@x.test"), "no mailbox is named"),
                                 (("--me", "a@b\u00fccher.test", inbox), "xn--"), (("/etc/passwd",), "is no mailbox"),
                                 (("--report", inbox, inbox), "is a mailbox"), (("--report", "/dev/null", inbox), "no ordinary file"),
                                 (("--report", triage.__file__, inbox), "no report"), (("--apply", "--into", inbox, inbox), "mailbox itself"),
                                 ((triage.__file__,), "is no mailbox"), (("--sent", "/nowhere", inbox), "--sent")):
            with self.subTest(arguments=arguments):
                done = triage.run(*arguments, expect=COULD_NOT)
                self.assertIn(words, done.stderr + done.stdout)
        for _ in range(2):
            triage.run("--me", f"Alice <{flood.ME.upper()}>", "--report", self.folder / "report.html", inbox, expect=FINE)
        subprocess.run(["gzip", "-k", inbox], check=True)
        self.assertIn("gunzip", triage.run("--apply", "--into", "x", f"{inbox}.gz", expect=COULD_NOT).stderr)
        self.assertEqual(triage.findings(f"{inbox}.gz")["messages"], 5)
        (place / "inbox.gz").unlink()
        (place / "inbox.lock").write_text("")
        waiting = subprocess.Popen(triage.command("--me", flood.ME, "--apply", "--into", "x", inbox), stderr=subprocess.PIPE,
                                   env=triage.ENVIRONMENT, text=True)
        time.sleep(1)
        self.assertIsNone(waiting.poll(), "waits for the lock")
        waiting.send_signal(signal.SIGTERM)
        self.assertEqual(waiting.wait(20), COULD_NOT)
        waiting.stderr.close()
        (place / "inbox.lock").unlink()
        self.assertEqual(triage.tree(place), before)

    def test_folders_of_eml(self):
        content = flood.Flood(**SMALL)
        sent = self.folder / "sent"
        content.write_sent(sent)
        place = self.folder / "eml"
        (place / "inner").mkdir(parents=True)
        for index, mail in enumerate(content.mails):
            (place / ("inner" if index % 2 else "") / f"{index}.eml").write_bytes(mail.file())
        before = triage.tree(place)
        found = triage.findings("--me", flood.ME, "--sent", sent, "--apply", "--into", "junk", place, expect=FOUND)
        self.assertEqual(found["origins"]["ours"], 5)
        self.assertGreaterEqual(triage.count(triage.tree(place / "junk"), content.of("false")), 59)
        triage.run("--undo", place, expect=FINE)
        self.assertEqual(triage.tree(place), before)
