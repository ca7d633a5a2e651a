# SPDX-License-Identifier: Apache-2.0
"""DKIM with python3-dkim and rspamd: what `anechoic sign` signs verifies there, what they sign verifies here, and both say no
to the same changes.

The messages are some odd ones of the project's own and, where the corpora are, ordinary mail of many people."""

import base64
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.request

import odd_dns
from lib import peers, roots

PEERS = ("rspamd",)

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("ANECHOIC_BUILD") or roots.SOURCE / "build/dev")
PROGRAM = pathlib.Path(os.environ.get("ANECHOIC_BINARY") or BUILD / "src/anechoic")
OURS = BUILD / "tests/interop/interop_dkim_check"
THEIRS = ["/usr/bin/python3", HERE / "pydkim.py"]
DOMAIN = "sender.example"
CANONICALIZATIONS = [f"{header}/{body}" for header in ("simple", "relaxed") for body in ("simple", "relaxed")]
TYPES = {"rsa": "rsa2048", "ed": "ed25519"}
ALGORITHMS = {"rsa": "rsa-sha256", "ed": "ed25519-sha256"}

HEAD = b"From: Ann <ann@sender.example>\r\nTo: bob@rcpt.example\r\nSubject: Dinner\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n"
MESSAGES = {
    "plain": HEAD + b"\r\nHello Bob,\r\n\r\nsee you.\r\n",
    "blanks": HEAD + b"\r\n  leading\ttabs \t and  runs \r\n\t\r\n \r\nend \t\r\n\r\n\r\n\r\n",
    "empty body": HEAD + b"\r\n",
    "only line ends": HEAD + b"\r\n\r\n\r\n\r\n",
    "folded": b"Received: from a by b;\r\n\tFri, 11 Jul 2003 21:00:37 -0700\r\nReceived: from c by a; x\r\n" + HEAD.replace(b"Dinner", b"a long\r\n subject \r\n\tfolded") + b"\r\nx\r\n",
    "eight bits": HEAD.replace(b"Ann", "Ännchen".encode()) + b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "Grüße\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "dots": HEAD + b"\r\n.\r\n..\r\n.a\r\n",
    "twice": b"X-Twice: 1\r\nX-Twice: 2\r\n" + HEAD + b"Reply-To: ann@sender.example\r\nX-Twice: 3\r\n\r\nx\r\n",
    "empty field": b"Comments:\r\n" + HEAD + b"Cc:\r\nSubject2: \r\n\r\nx\r\n",
    "odd names": HEAD.replace(b"Subject:", b"SUBJECT:").replace(b"To:", b"tO:\t ") + b"\r\nx\r\n",
    "long": HEAD + b"\r\n" + b"word " * 4000 + b"\r\n" + b"x" * 5000 + b"\r\n",
}
# name -> change of a signed message that no canonicalization forgives.
CHANGES = {
    "subject": lambda message: message.replace(b"Dinner", b"Lunch"),
    "body": lambda message: message.replace(b"see you", b"see me"),
    "line": lambda message: message + b"An advertisement\r\n",
    "second from": lambda message: b"From: eve@evil.example\r\n" + message,
    "no to": lambda message: message.replace(b"To: bob@rcpt.example\r\n", b""),
}


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def seed_of(pem):
    """The 32 octets that python3-dkim wants of an Ed25519 key: they end PKCS #8."""
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))
    return base64.b64encode(der[-32:]).decode()


def ordinary_mail():
    """Every 25th message of the ham corpus, as bytes with CRLF; those that RFC 5322 would not have are left out."""
    corpora = pathlib.Path(os.environ.get("ANECHOIC_CORPORA") or roots.SOURCE.parent / "shared/corpora")
    folder = corpora / "ham/spamassassin-public-corpus"
    if not folder.exists():
        return {}
    messages = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name[:5].isdigit())[::25]:
        lines = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
        if lines[0].startswith(b"From "):
            lines.pop(0)
        text = b"\r\n".join(lines)
        header = (b"\r\n" + text.partition(b"\r\n\r\n")[0]).lower()
        fields = all(re.match(rb"[!-9;-~]+:|[ \t]", line) for line in header[2:].split(b"\r\n"))
        if fields and header.count(b"\r\nfrom:") == 1 and b"\r" not in text.replace(b"\r\n", b""):
            messages[path.name] = text
    return messages


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.zone = {}
        cls.keys = {}
        lines = ""
        for selector, kind in TYPES.items():
            made = json.loads(run(PROGRAM, "keys", "--json", "--domain", DOMAIN, "--selector", selector, "--type", kind, cls.folder / f"{selector}.pem"))
            cls.zone[made["name"]] = made["record"]
            cls.keys[selector] = (cls.folder / f"{selector}.pem").read_text()
            lines += made["zone"]
        (cls.folder / "zone").write_text(lines)

    def file(self, name, text):
        path = self.folder / (name.replace(" ", "-").replace("/", "-") + ".eml")
        path.write_bytes(text)
        return path

    def sign(self, name, text, canonicalization):
        """By both keys of ours."""
        words = [PROGRAM, "sign", "--domain", DOMAIN, "--canonicalization", canonicalization]
        for selector in TYPES:
            words += ["--key", self.folder / f"{selector}.pem", "--selector", selector]
        return run(*words, self.file(name, text))

    def ours(self, files):
        lines = run(OURS, self.folder / "zone", input="".join(f"{file}\n" for file in files).encode()).decode().splitlines()
        return [[part.split("\t") for part in line.split("|")] for line in lines]


class PythonDkim(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.messages = MESSAGES | ordinary_mail()

    def theirs(self, files=(), signs=()):
        asked = {"zone": self.zone, "verify": [str(file) for file in files], "sign": list(signs)}
        return json.loads(run(*THEIRS, input=json.dumps(asked).encode()))["verify"]

    def test_what_we_sign_verifies_there(self):
        files = []
        for index, (name, text) in enumerate(self.messages.items()):
            for canonicalization in CANONICALIZATIONS if name in MESSAGES else CANONICALIZATIONS[index % 4:index % 4 + 1]:
                files.append(self.file(f"ours {canonicalization} {name}", self.sign(name, text, canonicalization)))
        for file, good in zip(files, self.theirs(files), strict=True):
            self.assertEqual(good[:2], [True, True], file.name)
        print(f"    {2 * len(files)} signatures of ours")

    def test_what_they_sign_verifies_here(self):
        signs = []
        for index, (name, text) in enumerate(self.messages.items()):
            for canonicalization in CANONICALIZATIONS if name in MESSAGES else CANONICALIZATIONS[index % 4:index % 4 + 1]:
                for selector, algorithm in ALGORITHMS.items():
                    key = self.keys[selector] if selector == "rsa" else seed_of(self.keys[selector])
                    signs.append({"file": str(self.file(name, text)), "out": str(self.folder / f"theirs-{len(signs)}.eml"), "key": key,
                                  "algorithm": algorithm, "canonicalization": canonicalization, "selector": selector, "domain": DOMAIN,
                                  "oversign": bool(index % 2)})
        self.theirs(signs=signs)
        for wish, found in zip(signs, self.ours([wish["out"] for wish in signs]), strict=True):
            self.assertEqual(found[0][:2], ["pass", wish["algorithm"]], (wish["file"], wish["canonicalization"], found[0]))
        print(f"    {len(signs)} signatures of python3-dkim")

    def test_changes_are_seen_by_both(self):
        files = []
        for canonicalization in CANONICALIZATIONS:
            good = self.sign("plain", MESSAGES["plain"], canonicalization)
            for name, change in CHANGES.items():
                changed = change(good)
                self.assertNotEqual(changed, good)
                files.append(self.file(f"changed {canonicalization} {name}", changed))
        for file, here, there in zip(files, self.ours(files), self.theirs(files), strict=True):
            self.assertEqual([found[0] for found in here], ["fail", "fail"], (file.name, here))
            self.assertNotIn(True, there, file.name)


class Rspamd(Case):
    """Its worker is asked by HTTP; the key is served to it by a name server of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = {name.removesuffix(f".{DOMAIN}"): {odd_dns.TXT: [odd_dns.txt(record)]} for name, record in cls.zone.items()}
        server = odd_dns.OddServer("127.0.0.8", odd_dns.Zone(DOMAIN, names))
        cls.addClassCleanup(server.__exit__)
        cls.peer = cls.enterClassContext(peers.Rspamd(NAME_SERVER="127.0.0.8", DOMAIN=DOMAIN, SELECTOR="rsa"))
        keys = cls.peer.out / "keys"
        keys.mkdir()
        (keys / "rsa.pem").write_text(cls.keys["rsa"])
        for path in (cls.peer.run, cls.peer.out, keys, keys / "rsa.pem"):
            path.chmod(0o755)

    def ask(self, message, client):
        request = urllib.request.Request(f"http://{self.peer.address}:{self.peer.port}/checkv2", message, {"IP": client, "From": f"ann@{DOMAIN}", "Rcpt": "bob@rcpt.example"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def good(self, message):
        """Selectors of the signatures that it finds good."""
        allowed = self.ask(message, "192.0.2.1")["symbols"].get("R_DKIM_ALLOW", {"options": []})["options"]
        return sorted(option.split("s=")[1] for option in allowed)

    def test_what_we_sign_verifies_there(self):
        for name, text in MESSAGES.items():
            for canonicalization in CANONICALIZATIONS:
                self.assertEqual(self.good(self.sign(name, text, canonicalization)), ["ed", "rsa"], (name, canonicalization))

    def test_changes_are_seen_there(self):
        for canonicalization in CANONICALIZATIONS:
            good = self.sign("plain", MESSAGES["plain"], canonicalization)
            for name, change in CHANGES.items():
                self.assertEqual(self.good(change(good)), [], (name, canonicalization))

    def test_what_it_signs_verifies_here(self):
        files = []
        for name, text in MESSAGES.items():
            reply = self.ask(text, "127.0.0.1")
            value = reply["dkim-signature"]
            value = value if isinstance(value, str) else value[0]
            files.append(self.file(f"rspamd {name}", b"DKIM-Signature: " + value.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n" + text))
        for file, found in zip(files, self.ours(files), strict=True):
            self.assertEqual(found[0][:2], ["pass", "rsa-sha256"], (file.name, found))
