#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SPF checks by python3-spf over a zone given as JSON. For spf_test.py; Debian's own Python has that module.

Reads [{"zone": {name: {type: [values] or "TIMEOUT"}}, "cases": [[client, helo, sender], ...]}, ...] from stdin, writes [[[result,
explanation], ...], ...]. A name's CNAME is followed by python3-spf itself.
"""
import ipaddress
import json
import sys

import spf

ZONE = {}


def look_up(name, kind, *_arguments, **_options):
    """In place of spf.DNSLookup: rows ((name, type), value)."""
    records = ZONE.get(name.rstrip(".").lower(), {})
    found = records.get(kind, [])
    if found == "TIMEOUT":
        raise spf.TempError("DNS timeout")
    rows = [((name, "CNAME"), target) for target in records.get("CNAME", [])]
    for value in found:
        if kind == "TXT":
            value = [part.encode("latin-1") for part in value]
        elif kind in ("A", "AAAA"):
            value = str(ipaddress.ip_address(value))
        elif kind == "MX":
            value = tuple(value)
        rows.append(((name, kind), value))
    return rows


def check(client, helo, sender):
    query = spf.query(i=client, s=sender, h=helo, receiver="unknown", strict=True, querytime=0)
    query.set_default_explanation("DEFAULT")
    result, _code, explanation = query.check()
    return [result, explanation if result == "fail" else ""]


def main():
    spf.DNSLookup = look_up
    answers = []
    for work in json.load(sys.stdin):
        ZONE.clear()
        ZONE.update(work["zone"])
        answers.append([check(*case) for case in work["cases"]])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
