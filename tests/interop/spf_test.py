# SPDX-License-Identifier: Apache-2.0
"""SPF beside python3-spf: the same question over the same zone has the same answer, or a difference that is argued here.

The zones are those of the published suites, where the corpora are, and some of the project's own."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from lib import gateway, roots

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("ANECHOIC_BUILD") or roots.SOURCE / "build/dev")
OURS = BUILD / "tests/interop/interop_spf_check"
THEIRS = ["/usr/bin/python3", HERE / "pyspf.py"]
TYPES = ("A", "AAAA", "MX", "PTR", "TXT")

# Suite cases in which the two differ: case -> (ours, python3-spf's, why ours).
ARGUED = {
    "multispf1": (("fail", "DEFAULT"), ("permerror", ""), "the suite takes both: equal records of one name are one record (RFC 2181 5.2)"),
}

ZONE = {
    "plain.example": {"TXT": [["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"]]},
    "hosts.example": {"TXT": [["v=spf1 a mx/28 a:host.example//64 ~all"]], "A": ["198.51.100.7"], "MX": [[10, "host.example"]]},
    "host.example": {"A": ["203.0.113.1"], "AAAA": ["2001:db8:1::1"]},
    "outer.example": {"TXT": [["v=spf1 include:plain.example include:hosts.example ?all"]]},
    "from.example": {"TXT": [["v=spf1 redirect=_spf.%{d}"]]},
    "_spf.from.example": {"TXT": [["v=spf1 exists:%{ir}.%{v}.list.example -all exp=why.example"]]},
    "1.2.0.192.in-addr.list.example": {"A": ["127.0.0.2"]},
    "why.example": {"TXT": [["%{i} may not send for %{o} (%{d}): http://example.com/?s=%{S}", "&l=%{l1r-}"]]},
    "split.example": {"TXT": [["v=spf1 ip4:192", ".0.2.9 -a", "ll"]]},
    "two.example": {"TXT": [["v=spf1 +all"], ["v=spf1 -all"]]},
    "other.example": {"TXT": [["v=spf2.0/pra +all"], ["any text"]]},
    "typo.example": {"TXT": [["v=spf1 ip4:192.0.2.1 ipv4:192.0.2.2 -all"]]},
    "octal.example": {"TXT": [["v=spf1 ip4:192.0.2.1/024 -all"]]},
    "slow.example": {"TXT": "TIMEOUT"},
    "slowhost.example": {"TXT": [["v=spf1 a:timeout.example -all"]]},
    "timeout.example": {"A": "TIMEOUT", "AAAA": "TIMEOUT"},
    "loop.example": {"TXT": [["v=spf1 include:loop.example -all"]]},
    "missing-include.example": {"TXT": [["v=spf1 include:nowhere.example -all"]]},
    "void.example": {"TXT": [["v=spf1 a:v1.example a:v2.example a:v3.example +all"]]},
    "reverse.example": {"TXT": [["v=spf1 ptr -all"]]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["mail.reverse.example"]},
    "2.2.0.192.in-addr.arpa": {"PTR": ["mail.reverse.example"]},
    "mail.reverse.example": {"A": ["192.0.2.1"]},
    "alias.example": {"CNAME": ["plain.example"]},
    "local.example": {"TXT": [["v=spf1 exists:%{l2r+-}._at.%{o} -all exp=%{l}.why.example"]]},
    "one.two._at.local.example": {"A": ["127.0.0.2"]},
}
CLIENTS = ("192.0.2.1", "192.0.2.2", "192.0.2.9", "198.51.100.7", "203.0.113.14", "203.0.113.17", "2001:db8::1", "2001:db8:1::9", "::ffff:192.0.2.1")


def own_cases():
    domains = [name for name, records in ZONE.items() if "TXT" in records or "CNAME" in records] + ["nowhere.example", "example", "a..example"]
    cases = [(client, "mail.example", f"{local}@{domain}") for client in CLIENTS for domain in domains for local in ("two-one", "two+one")]
    return cases + [(client, "plain.example", "") for client in CLIENTS]


def escaped(text, quote):
    return "".join(c if c.isalnum() or c in "-_." + quote else f"\\{ord(c):03d}" for c in text)


def owner(name):
    return escaped(name, "") + "."


def master_file(zone):
    """The zone as a name server reads it, with what fails in comments."""
    lines = []
    for name, records in zone.items():
        for kind, values in records.items():
            if values == "TIMEOUT":
                lines.append(f"; anechoic: timeout {owner(name)} {kind}")
                continue
            for value in values:
                if kind == "TXT":
                    data = " ".join('"' + escaped(part[at:at + 200], " ") + '"' for part in value or [""] for at in range(0, max(len(part), 1), 200))
                elif kind == "MX":
                    data = f"{value[0]} {owner(value[1])}"
                else:
                    data = value if kind in ("A", "AAAA") else owner(value.rstrip("."))
                lines.append(f"{owner(name)} {kind} {data}")
    return "\n".join(lines) + "\n"


def ours(zone, cases):
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
        file.write(master_file(zone))
        file.flush()
        done = subprocess.run([OURS, file.name], input="".join("\t".join(case) + "\n" for case in cases), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{OURS.name}: {done.stderr[-2000:]}")
    return [tuple(line.split("\t")[:2]) for line in done.stdout.splitlines()]


def theirs(works):
    """The answers to each of [(zone, cases)]: one process, since Python starts slowly."""
    asked = json.dumps([{"zone": zone, "cases": cases} for zone, cases in works])
    done = subprocess.run(THEIRS, input=asked, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"python3-spf: {done.stderr[-2000:]}")
    return [[tuple(answer) for answer in answers] for answers in json.loads(done.stdout)]


def suite_zone(zonedata):
    """`zonedata` of a suite in our form: SPF records stand for TXT ones, TIMEOUT for every type that is not there."""
    zone = {}
    for name, entries in zonedata.items():
        records = {}
        spf = []
        slow = False
        for entry in entries:
            if not isinstance(entry, dict):
                slow = slow or entry == "TIMEOUT"
                continue
            (kind, value), = entry.items()
            if kind in ("SPF", "TXT"):
                parts = [str(part) for part in value] if isinstance(value, list) else [str(value)]
                (spf if kind == "SPF" else records.setdefault("TXT", [])).append(parts)
            else:
                records.setdefault(kind, []).append([value[0], str(value[1]).rstrip(".")] if kind == "MX" else str(value).rstrip("."))
        if "TXT" not in records:
            records["TXT"] = spf
        records["TXT"] = [parts for parts in records["TXT"] if parts != ["NONE"]]
        for kind in TYPES:
            if slow and not records.get(kind):
                records[kind] = "TIMEOUT"
        zone[name.lower()] = {kind: values for kind, values in records.items() if values}
    return zone


def suites():
    """(zone, names of its cases, questions) of the published suites; by the YAML reader of Debian's Python."""
    corpora = pathlib.Path(os.environ.get("ANECHOIC_CORPORA") or ROOT.parent / "shared/corpora")
    files = [corpora / f"auth/pyspf/test/rfc{number}-tests.yml" for number in (7208, 4408)]
    if not all(file.exists() for file in files):
        raise unittest.SkipTest("not held: corpora absent")
    reader = "import json, sys, yaml; json.dump([d for f in sys.argv[1:] for d in yaml.safe_load_all(open(f, 'rb'))], sys.stdout)"
    done = subprocess.run(["/usr/bin/python3", "-c", reader, *files], capture_output=True, text=True, check=True)
    for document in json.loads(done.stdout):
        tests = document["tests"]
        yield suite_zone(document["zonedata"]), list(tests), [(str(case["host"]), str(case["helo"]), str(case["mailfrom"])) for case in tests.values()]


class Compared(unittest.TestCase):
    def test_own_zones(self):
        cases = own_cases()
        differ = [f"{case}: {one} here, {other} there" for case, one, other in zip(cases, ours(ZONE, cases), theirs([(ZONE, cases)])[0], strict=True) if one != other]
        self.assertEqual([], differ)
        self.assertGreater(len(cases), 300)

    def test_zones_of_the_suites(self):
        differ, count = {}, 0
        works = list(suites())
        for (zone, names, cases), others in zip(works, theirs([(zone, cases) for zone, _, cases in works]), strict=True):
            count += len(cases)
            differ.update({name: (one, other) for name, one, other in zip(names, ours(zone, cases), others, strict=True) if one != other})
        self.assertEqual({name: row[:2] for name, row in ARGUED.items()}, differ)
        self.assertEqual(394, count)


class Command(unittest.TestCase):
    """`anechoic auth --zone` says what the library says."""

    def test_own_zones(self):
        gateway.need_binary()
        cases = own_cases()[::23]
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write(master_file(ZONE))
            file.flush()
            for case, answer in zip(cases, theirs([(ZONE, cases)])[0], strict=True):
                client, helo, sender = case
                done = subprocess.run([gateway.BINARY, "auth", "--json", "--zone", file.name, "--ip", client, "--helo", helo, "--mail-from", f"<{sender}>"],
                                      capture_output=True, text=True, check=False)
                with self.subTest(case):
                    self.assertEqual(0, done.returncode, done.stderr)
                    told = json.loads(done.stdout)["spf"]
                    self.assertEqual(answer[0], told["result"])
