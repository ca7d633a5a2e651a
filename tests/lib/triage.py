# SPDX-License-Identifier: Apache-2.0
"""`anechoic triage` as the tests call it, and trees of files to compare."""

import json
import os
import pathlib
import re
import subprocess

from lib import roots

PROGRAM = os.environ.get("ANECHOIC_BINARY") or str(roots.SOURCE / "build/dev/src/anechoic")
FINE, FOUND, COULD_NOT = 0, 1, 2

# Under strace no leak can be looked for, and the program is not the tracer's only child.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LC_ALL": "C"}


def command(*arguments):
    return [PROGRAM, "triage", *map(str, arguments)]


def run(*arguments, expect=None, timeout=300):
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT)
    if expect is not None and done.returncode not in (expect if isinstance(expect, tuple) else (expect,)):
        raise AssertionError(f"triage {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def findings(*arguments, expect=None):
    return json.loads(run("--json", *arguments, expect=expect).stdout)


def tree(root):
    """Names and bytes of all files below a folder; folders too."""
    root = pathlib.Path(root)
    return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


def count(content, mails):
    """How many of the messages are in the content (bytes, or a tree)."""
    if isinstance(content, dict):
        content = b"\n".join(text for text in content.values() if text)
    there = set(re.findall(rb"^(?:X-Test-)?(Message-ID: <[bo]\d+@[^>\n]*>)", content, re.M))
    return sum(mail.marker.encode() in there for mail in mails)
