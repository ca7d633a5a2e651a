# SPDX-License-Identifier: Apache-2.0
"""outside/dns against real name servers (Knot, and Unbound in between) and against odd ones: each question must come to
the right finding before its deadline."""

import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import odd_dns
from lib import peers, roots
from odd_dns import A, CNAME, TXT, OddServer, Zone

PEERS = ("unbound", "knot")

RESOLVE = pathlib.Path(os.environ.get("ANECHOIC_BUILD", roots.SOURCE / "build/dev")) / "tests/interop/interop_resolve"
RECORDS, NO_RECORDS, NO_NAME = "records", "no such record", "no such name"
FAILURE, TIMEOUT = "temporary failure", "time-out"
SLACK = 700  # milliseconds that a deadline may be passed by, on a busy machine

addresses = (f"127.0.1.{number}" for number in itertools.count(1))


def ask(batches, *options):
    """Batches of (name, type) or (name, type, milliseconds) -> {(name, type): answer} of the last time it was asked."""
    lines = "\n\n".join("\n".join(f"{q[0]} {q[1]} {q[2] if len(q) > 2 else 5000}" for q in batch) for batch in batches)
    done = subprocess.run([RESOLVE, *map(str, options)], input=lines + "\n", capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"interop_resolve ended with {done.returncode}:\n{done.stderr}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    wanted = sum(map(len, batches))
    if len(answers) != wanted:
        raise AssertionError(f"{len(answers)} answers to {wanted} questions:\n{done.stdout}{done.stderr}")
    return {(answer["name"], answer["type"]): answer for answer in answers}


class Odd(unittest.TestCase):
    """Each server has an address of its own: libunbound remembers which ones it could not reach."""

    ZONE = {"a": {A: [bytes([192, 0, 2, 1])], TXT: [odd_dns.txt("text")]}}

    def serve(self, behave, tcp=True):
        server = OddServer(next(addresses), behave, tcp)
        self.addCleanup(server.__exit__)
        return server

    def one(self, behave, question=("a.odd.test", "A"), tcp=True, options=()):
        server = self.serve(behave, tcp)
        answer, = ask([[question]], "--stub", f"odd.test={server.address}", *options).values()
        limit = question[2] if len(question) > 2 else 5000
        self.assertLess(answer["ms"], limit + SLACK, answer)
        return answer

    def assertFound(self, answer, *found):
        self.assertIn(answer["found"], found, answer)
        self.assertEqual(answer["found"] == RECORDS, bool(answer["records"]), answer)

    def test_honest(self):
        server = self.serve(Zone("odd.test", self.ZONE))
        got = ask([[("a.odd.test", "A"), ("a.odd.test", "MX"), ("odd.test", "TXT"), ("b.odd.test", "A")]],
                  "--stub", f"odd.test={server.address}")
        self.assertEqual(got["a.odd.test", "A"]["records"], ["192.0.2.1"])
        self.assertLessEqual(got["a.odd.test", "A"]["ttl"], 60)
        self.assertFound(got["a.odd.test", "MX"], NO_RECORDS)
        self.assertFound(got["odd.test", "TXT"], NO_RECORDS)
        self.assertFound(got["b.odd.test", "A"], NO_NAME)
        self.assertGreater(got["b.odd.test", "A"]["ttl"], 0)

    def test_lost_packets(self):
        zone = Zone("odd.test", self.ZONE)
        seen = itertools.count()
        answer = self.one(lambda query: None if next(seen) < 3 else zone(query))
        self.assertFound(answer, RECORDS)

    def test_truncated(self):
        zone = Zone("odd.test", {"a": {TXT: [odd_dns.txt("x" * 3000)]}})
        answer = self.one(lambda query: zone(query) if query.tcp else query.reply(truncated=True), ("a.odd.test", "TXT"))
        self.assertEqual(answer["records"], ["x" * 3000])

    def test_truncated_without_tcp(self):
        answer = self.one(lambda query: query.reply(truncated=True), tcp=False)
        self.assertFound(answer, FAILURE, TIMEOUT)

    def test_huge_txt(self):
        zone = Zone("odd.test", {"a": {TXT: [odd_dns.txt("y" * 60_000)]}})
        answer = self.one(lambda query: zone(query) if query.tcp else query.reply(truncated=True), ("a.odd.test", "TXT"))
        self.assertEqual([len(text) for text in answer["records"]], [60_000])

    def test_many_records(self):
        many = [bytes([10, 0, i // 256, i % 256]) for i in range(2000)]
        zone = Zone("odd.test", {"a": {A: many}})
        answer = self.one(lambda query: zone(query) if query.tcp else query.reply(truncated=True))
        self.assertEqual(len(answer["records"]), 2000)

    def test_error_codes(self):
        for rcode in (odd_dns.SERVFAIL, odd_dns.REFUSED, odd_dns.FORMERR, odd_dns.NOTIMP, 9):
            with self.subTest(rcode=rcode):
                self.assertFound(self.one(lambda query, code=rcode: query.reply(rcode=code)), FAILURE, TIMEOUT)

    def test_lame(self):
        root = odd_dns.record("", odd_dns.NS, odd_dns.name("a.root-servers.net"))
        answer = self.one(lambda query: query.reply(authority=[root], authoritative=False))
        self.assertFound(answer, FAILURE, TIMEOUT)

    def test_second_server(self):
        deaf = self.serve(lambda query: None)
        refusing = self.serve(lambda query: query.reply(rcode=odd_dns.REFUSED))
        honest = self.serve(Zone("odd.test", self.ZONE))
        got = ask([[("a.odd.test", "A")]], *(part for server in (deaf, refusing, honest)
                                             for part in ("--stub", f"odd.test={server.address}")))
        self.assertFound(got["a.odd.test", "A"], RECORDS)

    def test_deaf(self):
        answer = self.one(lambda query: None, ("a.odd.test", "A", 1500))
        self.assertFound(answer, TIMEOUT)
        self.assertGreaterEqual(answer["ms"], 1500)

    def test_no_server(self):
        answer, = ask([[("a.odd.test", "A", 3000)]], "--stub", f"odd.test={next(addresses)}").values()
        self.assertFound(answer, FAILURE, TIMEOUT)
        self.assertLess(answer["ms"], 3000 + SLACK)

    def test_slow(self):
        zone = Zone("odd.test", self.ZONE)
        answer = self.one(lambda query: time.sleep(0.8) or zone(query))
        self.assertFound(answer, RECORDS)

    def test_too_slow_is_found_later(self):
        zone = Zone("odd.test", self.ZONE)
        server = self.serve(lambda query: time.sleep(1.0) or zone(query))
        deaf = self.serve(lambda query: None)
        got = ask([[("a.odd.test", "A", 300)], [("a.deaf.test", "A", 4000)], [("a.odd.test", "A", 300)]],
                  "--stub", f"odd.test={server.address}", "--stub", f"deaf.test={deaf.address}")
        self.assertFound(got["a.deaf.test", "A"], TIMEOUT)
        self.assertFound(got["a.odd.test", "A"], RECORDS)

    def test_one_slow_name_silences_no_server(self):
        """A stranger picks the name; the resolver that can't find it out in time is still there for others."""
        zone = Zone("odd.test", self.ZONE)
        server = self.serve(lambda query: None if query.name.startswith("slow") else zone(query))
        got = ask([[("a.odd.test", "A")], [("slow.odd.test", "A", 9500)], [("a.odd.test", "TXT", 2000)]],
                  "--stub", f"odd.test={server.address}")
        self.assertFound(got["slow.odd.test", "A"], TIMEOUT, FAILURE)
        self.assertFound(got["a.odd.test", "TXT"], RECORDS)

    def test_garbage(self):
        zone = Zone("odd.test", self.ZONE)
        for what, behave in {"noise": lambda query: b"\xff" * 40, "header only": lambda query: query.reply()[:12],
                             "cut": lambda query: zone(query)[:-6], "another id": lambda query: zone(query).replace(query.id, b"??", 1),
                             "a query": lambda query: query.message, "empty": lambda query: b""}.items():
            with self.subTest(what):
                self.assertFound(self.one(behave, ("a.odd.test", "A", 2000)), FAILURE, TIMEOUT)

    def test_aliases(self):
        chain = {f"c{i}": {CNAME: [odd_dns.name(f"c{i + 1}.odd.test")]} for i in range(30)}
        zone = Zone("odd.test", {**self.ZONE, **chain, "c30": {A: [bytes([192, 0, 2, 30])]},
                                 "l1": {CNAME: [odd_dns.name("l2.odd.test")]}, "l2": {CNAME: [odd_dns.name("l1.odd.test")]},
                                 "self": {CNAME: [odd_dns.name("self.odd.test")]},
                                 "gone": {CNAME: [odd_dns.name("nowhere.odd.test")]}})
        self.assertFound(self.one(zone, ("c25.odd.test", "A")), RECORDS)
        self.assertFound(self.one(zone, ("c0.odd.test", "A")), FAILURE)
        self.assertFound(self.one(zone, ("l1.odd.test", "A")), FAILURE)
        self.assertFound(self.one(zone, ("self.odd.test", "A")), FAILURE)
        self.assertFound(self.one(zone, ("gone.odd.test", "A")), NO_NAME)

    def test_a_loop_in_one_answer(self):
        loop = [odd_dns.record("l1.odd.test", CNAME, odd_dns.name("l2.odd.test")),
                odd_dns.record("l2.odd.test", CNAME, odd_dns.name("l1.odd.test"))]
        zone = Zone("odd.test", {"l1": {}, "l2": {}})
        answer = self.one(lambda query: query.reply(loop) if query.name.startswith("l") else zone(query), ("l1.odd.test", "A"))
        self.assertFound(answer, FAILURE)

    def test_more_than_may_be_open(self):
        server = self.serve(lambda query: None)
        questions = [(f"n{i}.odd.test", "A", 1000) for i in range(20)]
        got = ask([questions], "--stub", f"odd.test={server.address}", "--open", 5)
        refused = [answer for answer in got.values() if answer["detail"] == "too many open questions"]
        self.assertEqual(len(refused), 15)
        self.assertTrue(all(answer["found"] == FAILURE and answer["ms"] < SLACK for answer in refused))
        self.assertEqual(sum(answer["found"] == TIMEOUT for answer in got.values()), 5)

    def test_leaving(self):
        server = self.serve(lambda query: None)
        questions = [(f"n{i}.odd.test", "A", 9000) for i in range(50)]
        got = ask([questions, questions[:5]], "--stub", f"odd.test={server.address}", "--leave", 300)
        self.assertEqual({answer["found"] for answer in got.values()}, {FAILURE})
        self.assertLess(max(answer["ms"] for answer in got.values()), 300 + SLACK)

    def test_cached(self):
        server = self.serve(Zone("odd.test", self.ZONE))
        questions = [("a.odd.test", "A"), ("a.odd.test", "MX"), ("b.odd.test", "A")] * 3
        got = ask([questions, questions], "--stub", f"odd.test={server.address}", "--cached")
        self.assertFound(got["a.odd.test", "A"], RECORDS)
        asked = [query for query in server.queries if query[:2] == ("a.odd.test", A)]
        self.assertEqual(len(asked), 1, server.queries)


class Real(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.knot = peers.Knot()
        cls.addClassCleanup(cls.knot.stop)
        cls.unbound = peers.Unbound()
        cls.addClassCleanup(cls.unbound.stop)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        keys = cls.knot.keys()
        cls.anchor = pathlib.Path(cls.folder.name, "anchor")
        # The key of one zone is not that of the other, so nothing of wrong.test is genuine.
        cls.anchor.write_text(keys + keys.replace("signed.test", "wrong.test"))
        stubs = [part for zone in ("plain", "signed", "wrong") for part in ("--stub", f"{zone}.test={cls.knot.address}")]
        cls.ways = {"Knot itself": stubs, "by Unbound": ["--server", cls.unbound.address]}

    def questions(self, zone):
        return {(f"{zone}", "MX"): (RECORDS, [f"10 mail.{zone}"]),
                (f"{zone}", "TXT"): (RECORDS, ["v=spf1 mx -all"]),
                (f"mail.{zone}", "A"): (RECORDS, ["192.0.2.1"]),
                (f"mail.{zone}", "AAAA"): (RECORDS, ["2001:db8::1"]),
                (f"alias.{zone}", "A"): (RECORDS, ["192.0.2.1"]),
                (f"long.{zone}", "TXT"): (RECORDS, ["".join(chr(97 + i) * 250 for i in range(20))]),
                (f"x.y.wild.{zone}", "TXT"): (RECORDS, ["wild"]),
                (f"1.2.0.192.in-addr.{zone}", "PTR"): (RECORDS, [f"mail.{zone}"]),
                (f"mail.{zone}", "MX"): (NO_RECORDS, []),
                (f"empty.{zone}", "TXT"): (NO_RECORDS, []),
                (f"nobody.{zone}", "A"): (NO_NAME, []),
                (f"dangling.{zone}", "A"): (NO_NAME, []),
                (f"loop1.{zone}", "A"): (FAILURE, [])}

    def check(self, zone, authentic, options):
        wanted = self.questions(zone)
        got = ask([wanted], *options)
        for question, (found, records) in wanted.items():
            with self.subTest(question):
                answer = got[question]
                self.assertEqual((answer["found"], answer["records"]), (found, records), answer)
                if found != FAILURE:
                    self.assertEqual(answer["authentic"], authentic, answer)

    def test_plain(self):
        for way, options in self.ways.items():
            with self.subTest(way):
                self.check("plain.test", False, options)
                self.check("plain.test", False, [*options, "--anchor", self.anchor])

    def test_signed(self):
        for way, options in self.ways.items():
            with self.subTest(way):
                self.check("signed.test", True, [*options, "--anchor", self.anchor])
                self.check("signed.test", False, options)

    def test_an_unsigned_part_is_not_authentic(self):
        for way, options in self.ways.items():
            with self.subTest(way):
                got = ask([[("far.signed.test", "A")]], *options, "--anchor", self.anchor)["far.signed.test", "A"]
                self.assertEqual((got["found"], got["authentic"]), (RECORDS, False), got)

    def test_wrong_key(self):
        for way, options in self.ways.items():
            with self.subTest(way):
                questions = list(self.questions("wrong.test"))
                for answer in ask([questions], *options, "--anchor", self.anchor).values():
                    self.assertEqual(answer["found"], FAILURE, answer)
                    self.assertRegex(answer["detail"], "bogus|SERVFAIL")

    def test_forged(self):
        knot = self.knot.address

        def forge(query):
            return odd_dns.forward(knot, query).replace(b"this is genuine", b"this is forged.")

        with OddServer(next(addresses), forge) as forger:
            options = ("--stub", f"signed.test={forger.address}", "--anchor", self.anchor)
            got = ask([[("genuine.signed.test", "TXT"), ("mail.signed.test", "A")]], *options)
        self.assertEqual(got["mail.signed.test", "A"]["found"], RECORDS)
        self.assertEqual(got["genuine.signed.test", "TXT"]["found"], FAILURE, got)
        self.assertIn("bogus", got["genuine.signed.test", "TXT"]["detail"])

    def test_many_at_once(self):
        questions = [(f"n{i}.wild.plain.test", "TXT") for i in range(400)]
        got = ask([questions], *self.ways["by Unbound"])
        self.assertEqual({answer["found"] for answer in got.values()}, {RECORDS})


if __name__ == "__main__":
    unittest.main()
