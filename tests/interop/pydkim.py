# SPDX-License-Identifier: Apache-2.0
"""python3-dkim, for dkim_test.py: by Debian's own Python, which has it.

stdin: {"zone": {name: record}, "verify": [file...], "sign": [{"file", "out", "key", "algorithm", "canonicalization", "selector",
"domain", "oversign"}...]}. stdout: {"verify": [[bool of each signature, from the top]...], "sign": null}. Messages have CRLF.
"""
import json
import pathlib
import sys

import dkim


def verify(zone, file):
    """Each signature by itself, as the library verifies by index."""
    message = pathlib.Path(file).read_bytes()
    lookup = lambda name, timeout=5: zone.get(name.decode().rstrip("."), "").encode() or None  # noqa: E731
    count = sum(1 for name, _ in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature")
    results = []
    for index in range(count):
        try:
            results.append(dkim.DKIM(message).verify(index, dnsfunc=lookup))
        except dkim.DKIMException as error:
            results.append(str(error))
    return results


def sign(wish):
    message = pathlib.Path(wish["file"]).read_bytes()
    signer = dkim.DKIM(message, signature_algorithm=wish["algorithm"].encode())
    header, body = wish["canonicalization"].split("/")
    field = signer.sign(wish["selector"].encode(), wish["domain"].encode(), wish["key"].encode(), canonicalize=(header.encode(), body.encode()),
                        include_headers=None if wish["oversign"] else [b"from", b"to", b"subject", b"date"])
    pathlib.Path(wish["out"]).write_bytes(field + message)


def main():
    asked = json.load(sys.stdin)
    for wish in asked["sign"]:
        sign(wish)
    json.dump({"verify": [verify(asked["zone"], file) for file in asked["verify"]], "sign": None}, sys.stdout)


if __name__ == "__main__":
    main()
