#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the messages beside it with python3-dkim: a chain of one, two and three forwarders, each with a key of its own, made for this
and thrown away. Each changes the subject after it has sealed, as mailing lists do, but those of same.eml: two that change nothing.
Writes one.eml, two.eml, three.eml, same.eml and keys.zone."""
import base64
import pathlib
import subprocess

import dkim

HERE = pathlib.Path(__file__).resolve().parent
MESSAGE = b"""\
From: Ada <ada@author.example>\r
To: list@first.example\r
Subject: Rehearsal\r
Date: Sun, 22 Nov 2026 12:00:00 +0000\r
Message-ID: <1@author.example>\r
\r
We meet at noon.\r
\r
Ada\r
"""


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def seal(message, sealer, key, state):
    """The message with a set of ARC fields on top; `state` is what the sealer found of the chain before."""
    message = b"Authentication-Results: " + sealer + b"; spf=pass smtp.mailfrom=ada@author.example; arc=" + state + b"\r\n" + message
    fields = dkim.arc_sign(message, b"s1", sealer, key, sealer, timestamp=1_795_348_800,
                           include_headers=[b"from", b"to", b"subject", b"date", b"message-id"], linesep=b"\r\n")
    return b"".join(fields) + message


def main():
    keys = {sealer: openssl("genrsa", "-traditional", "2048") for sealer in ("first.example", "second.example", "third.example")}
    zone = []
    for sealer, key in keys.items():
        public = base64.b64encode(openssl("rsa", "-pubout", "-outform", "DER", data=key)).decode()
        zone.append(f's1._domainkey.{sealer}. TXT "v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"\n')
    (HERE / "keys.zone").write_text("".join(zone))
    changed = unchanged = MESSAGE
    state = b"none"
    for name, (sealer, key) in zip(("one", "two", "three"), keys.items()):
        changed = seal(changed, sealer.encode(), key, state)
        unchanged = seal(unchanged, sealer.encode(), key, state)
        state = b"pass"
        (HERE / f"{name}.eml").write_bytes(changed)
        if name == "two":
            (HERE / "same.eml").write_bytes(unchanged)
        changed = changed.replace(b"Subject: ", b"Subject: [x] ", 1)


if __name__ == "__main__":
    main()
