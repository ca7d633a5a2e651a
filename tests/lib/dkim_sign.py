#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Signs the message on standard input with Debian's python3-dkim: dkim_sign.py KEYFILE SELECTOR DOMAIN. Prints the whole
message. A program of its own, since the tests may run on another Python than Debian's."""

import sys

import dkim

key, selector, domain = sys.argv[1:4]
message = sys.stdin.buffer.read()
with open(key, "rb") as file:
    signature = dkim.sign(message, selector.encode(), domain.encode(), file.read(),
                          canonicalize=(b"relaxed", b"relaxed"), include_headers=[b"from", b"to", b"subject"])
sys.stdout.buffer.write(signature + message)
