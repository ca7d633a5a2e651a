#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""flufl.bounce for bench/classify. Reads paths on stdin, one a line; prints one JSON object: how many messages, seconds, in how many
it found failing addresses."""
import email
import json
import logging
import pathlib
import sys
import time

from flufl.bounce import all_failures

logging.disable(logging.CRITICAL)
messages = [pathlib.Path(name).read_bytes() for name in sys.stdin.read().splitlines()]
found = errors = 0
start = time.monotonic()
for message in messages:
    try:
        temporary, permanent = all_failures(email.message_from_bytes(message))
        found += bool(temporary or permanent)
    except Exception:  # it raises on some broken mail
        errors += 1
print(json.dumps({"messages": len(messages), "seconds": round(time.monotonic() - start, 3), "found": found, "errors": errors}))
