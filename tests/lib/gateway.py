# SPDX-License-Identifier: Apache-2.0
"""The program under test: a configuration of its own, started, watched, stopped."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.request

from lib import roots, smtp, system
from lib.peers import listens, wait_for

BINARY = pathlib.Path(os.environ.get("ANECHOIC_BINARY", roots.SOURCE / "build" / "dev" / "src" / "anechoic"))

PEOPLE = ["postmaster", "abuse", "alice", "bob", "carol", "slow", "refused550", "refused450", "full"]


def need_binary():
    if not os.access(BINARY, os.X_OK):
        raise AssertionError(f"there is no {BINARY}; build it, or name another one by ANECHOIC_BINARY")


def toml(table, path=()):
    """A configuration (nested dicts) as text."""
    def value(item):
        if isinstance(item, bool):
            return "true" if item else "false"
        if isinstance(item, (int, float)):
            return str(item)
        if isinstance(item, (list, tuple)):
            return "[" + ", ".join(value(entry) for entry in item) + "]"
        return json.dumps(str(item))

    def key(name):
        return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)

    own = [f"{key(name)} = {value(item)}" for name, item in table.items() if not isinstance(item, dict)]
    lines = ([f"\n[{'.'.join(map(key, path))}]"] if path and own else []) + own
    for name, item in table.items():
        if isinstance(item, dict):
            lines.append(toml(item, (*path, name)))
    return "\n".join(lines)


def merged(base, changes):
    result = dict(base)
    for name, item in changes.items():
        result[name] = merged(result.get(name, {}), item) if isinstance(item, dict) else item
    return result


class Gateway:
    """`to`: the backends of example.org, in order. `people`: local parts of the recipient file (None: no source).
    `config`: what else differs, as nested dicts in the shape of anechoic.toml."""

    def __init__(self, to, *, people=PEOPLE, mode="550", config=None, port=2525, address="127.0.0.1", http=8025):
        need_binary()
        self.address, self.port, self.http = address, port, http
        self.run = roots.run_folder("gateway")
        self.recipients_file = self.run / "recipients"
        self.config_file = self.run / "anechoic.toml"
        self.log_file = self.run / "log"
        base = {
            "hostname": "mx.example.org", "state_dir": self.run / "state", "threads": 2,
            "inbound": {"listen": [f"{address}:{port}"], "limits": {"connections_per_address": 500}},
            "backend": {"main": {"to": [to] if isinstance(to, str) else list(to)}},
            "domain": {"example.org": {"backend": "main"}},
            "log": {"level": "debug"},
            "auth": {"checks": False},  # most tests have no DNS
            "http": {"listen": f"{address}:{http}" if http else ""},
        }
        if people is not None:
            self.write_people(people)
            base["recipients"] = {"people": {"file": self.recipients_file, "canary": "postmaster@example.org",
                                             "mode": mode}}
            base["domain"]["example.org"]["recipients"] = ["people"]
        self.config = merged(base, config or {})
        (self.run / "state").mkdir()
        self.write_config()
        self.process = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def write_people(self, people):
        """Replaces the recipient file at once, as a postmaster's script should."""
        fresh = self.recipients_file.with_suffix(".new")
        fresh.write_text("".join(f"{person if '@' in person else person + '@example.org'}\n" for person in people))
        fresh.rename(self.recipients_file)

    def write_config(self):
        self.config_file.write_text(toml(self.config) + "\n")

    def start(self):
        with open(self.log_file, "a") as log:
            self.process = subprocess.Popen([BINARY, "run", "-c", self.config_file], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.run, preexec_fn=system.die_with_parent,
                                            env={"UBSAN_OPTIONS": "print_stacktrace=1", **os.environ})
        try:
            wait_for("the gateway to listen", lambda: self.ended() or listens(self.address, self.port), 30)
        except TimeoutError:
            self.stop()
            raise
        if self.ended():
            raise AssertionError(f"the gateway did not start (status {self.process.returncode}):\n{self.log()}\n"
                                 f"{self.config_file.read_text()}")

    def ended(self):
        return self.process.poll() is not None

    def log(self):
        return self.log_file.read_text(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def halt(self):
        """A graceful stop; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM did not stop the gateway within 60 s:\n{self.log()[-3000:]}") from None

    def stop(self):
        """Stops it, and complains of what a sanitizer found."""
        status = None if self.ended() else self.halt()
        log = self.log()
        if not os.environ.get("ANECHOIC_KEEP"):
            shutil.rmtree(self.run, ignore_errors=True)
        if "Sanitizer" in log or "runtime error:" in log:
            start = re.search(r"Sanitizer|runtime error:", log).start()
            raise AssertionError(f"a sanitizer complained:\n{log[max(0, start - 500):start + 6000]}")
        if status not in (None, 0):
            raise AssertionError(f"the gateway ended with status {status}:\n{log[-3000:]}")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def command(self, *arguments):
        """Runs `anechoic ...`; returns its CompletedProcess."""
        return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, cwd=self.run, timeout=60)

    def rows(self, *filters):
        """The journal, as `anechoic log --json` prints it."""
        output = self.command("log", "-c", self.config_file, "--json", *filters)
        if output.returncode == 2:
            raise AssertionError(f"anechoic log: {output.stderr}")
        return [json.loads(line) for line in output.stdout.splitlines() if line.strip()]

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.address}:{self.http}/metrics", timeout=10) as answer:
            return answer.read().decode()

    # ---- as a client of it

    def client(self, **options):
        return smtp.Client(self.address, self.port, **options)

    def deliver(self, recipients, content=None, **options):
        return smtp.deliver(self.address, self.port, recipients, content, **options)
