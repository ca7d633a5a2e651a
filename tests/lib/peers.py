# SPDX-License-Identifier: Apache-2.0
"""Real servers as the tests see them: started by tests/peers/enter, watched by their logs, maildirs and queues."""

import os
import shutil
import signal
import socket
import subprocess
import time

from lib import roots, system

ENTER = roots.SOURCE / "tests" / "peers" / "enter"


def wait_for(what, condition, seconds=30):
    """Polls until the condition holds; returns its value. What it waited for is in the error."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def listens(address, port):
    try:
        socket.create_connection((address, port), 1).close()
        return True
    except OSError:
        return False


class Peer:
    """A running server. `knobs` are those of its file `defaults`."""

    name = ""
    port = 25

    def __init__(self, **knobs):
        self.run = roots.run_folder(self.name)
        self.out = self.run / "out"
        self.address = knobs.get("ADDRESS", self.address)
        self.port = int(knobs.get("PORT", self.port))
        self.console = open(self.run / "console", "w+")
        self.process = subprocess.Popen(
            [ENTER, self.name, "--run", self.run, *(f"--set={key}={value}" for key, value in knobs.items())],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=system.die_with_parent)
        try:
            wait_for(f"{self.name} to listen on {self.address}:{self.port}",
                     lambda: self.ended() or listens(self.address, self.port), 180)
        except TimeoutError as error:
            self.stop()
            raise roots.PeerError(f"{error}\n{self.said()}") from None
        if self.ended():
            raise roots.PeerError(f"{self.name} did not start:\n{self.said()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def ended(self):
        return self.process.poll() is not None

    def inside(self, *command):
        """Runs a tool of the server's packages in the root of the running server."""
        return subprocess.run(["chroot", f"/proc/{self.process.pid}/root", *map(str, command)], capture_output=True, text=True,
                              timeout=120)

    def said(self):
        self.console.seek(0)
        return self.console.read() + self.log()

    def stop(self):
        """Ends the server and the processes that still serve a connection."""
        if not self.ended():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.console.close()
        if not os.environ.get("ANECHOIC_KEEP"):
            shutil.rmtree(self.run, ignore_errors=True)

    def log(self):
        return "".join(file.read_text(errors="replace") for file in sorted(self.out.glob("*log")) if file.is_file())

    def mail(self, who):
        """The messages in a mailbox, as bytes, oldest first."""
        box = self.out / "mail" / who
        files = [file for folder in ("new", "cur") for file in (box / folder).glob("*")]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def everything(self):
        """All messages of all mailboxes."""
        folder = self.out / "mail"
        boxes = [box.name for box in folder.iterdir()] if folder.is_dir() else []
        return [message for box in boxes for message in self.mail(box)]

    def wait_mail(self, who, marker, seconds=20):
        """The first message of the mailbox that holds the marker."""
        marker = marker.encode() if isinstance(marker, str) else marker
        return wait_for(f"{marker!r} in the mailbox {who} of {self.name}",
                        lambda: next((text for text in self.mail(who) if marker in text), None), seconds)

    def _spool(self, path):
        upper = self.run / "upper" / path
        return upper if upper.is_dir() else self.run / "root" / path

    def queued(self):
        """Names of the messages that still wait in its queue."""
        return [file.name for file in self._queue_files()]

    def wait_idle(self, seconds=20):
        wait_for(f"an empty queue of {self.name}", lambda: not self.queued(), seconds)


class Postfix(Peer):
    name = "postfix"
    address = "127.0.0.2"

    def _queue_files(self):
        spool = self._spool("var/spool/postfix")
        return [file for queue in ("incoming", "active", "deferred", "maildrop")
                for file in (spool / queue).rglob("*") if file.is_file()]

    def bounces(self):
        return [line for line in self.log().splitlines() if "status=bounced" in line or "non-delivery" in line]


class Rspamd(Peer):
    name = "rspamd"
    address = "127.0.0.7"
    port = 11333


class Exim(Peer):
    name = "exim"
    address = "127.0.0.3"

    def _queue_files(self):
        return list(self._spool("var/spool/exim4/input").rglob("*-H"))

    def bounces(self):
        return [line for line in self.log().splitlines() if " ** " in line or " <= <> R=" in line]


class Dovecot(Peer):
    name = "dovecot"
    address = "127.0.0.4"
    port = 24

    def _queue_files(self):
        return []

    def socket(self):
        return self.out / "lmtp"


class NameServer(Peer):
    """No mail; it listens on TCP, too, so that is waited for."""

    port = 53

    def _queue_files(self):
        return []


class Knot(NameServer):
    name = "knot"
    address = "127.0.0.5"

    def keys(self):
        """The public keys of signed.test, as records."""
        wait_for("Knot's keys", lambda: (self.out / "keys").is_file())
        return (self.out / "keys").read_text()


class Unbound(NameServer):
    name = "unbound"
    address = "127.0.0.6"


def tool(peer, *command, **options):
    """Runs a tool of a peer's root (smtp-source of postfix, say) in the network of the tests."""
    return subprocess.run([ENTER, peer, "--", *map(str, command)], capture_output=True, text=True, timeout=120, **options)
