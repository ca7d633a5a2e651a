# SPDX-License-Identifier: Apache-2.0
"""An SMTP client that does exactly what a test tells it, correct or not."""

import dataclasses
import socket
import ssl
import struct
import time


@dataclasses.dataclass(frozen=True)
class Reply:
    code: int
    lines: tuple

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def kind(self):
        """2, 3, 4 or 5: what a sending server acts upon."""
        return self.code // 100

    def __str__(self):
        return f"{self.code} {' / '.join(self.lines)}"


class Gone(Exception):
    """The server closed the connection, or reset it."""


class Client:
    """One connection. `source` is the address it comes from; every wait ends after `timeout` seconds."""

    def __init__(self, address, port=25, *, source=None, timeout=20, greeting=True, preamble=b""):
        self.socket = socket.create_connection((address, port), timeout, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.extensions = {}
        if preamble:
            self.send(preamble)
        self.greeting = self.reply() if greeting else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        """Bytes as they are; text gets its CRLF."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape") + b"\r\n"
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Gone(str(error)) from None

    def dribble(self, data, pause=0.0):
        """The same, one byte a segment."""
        for index in range(len(data)):
            self.send(data[index:index + 1])
            if pause:
                time.sleep(pause)

    def _line(self):
        while b"\r\n" not in self.buffer:
            try:
                received = self.socket.recv(65536)
            except ConnectionResetError as error:
                raise Gone(str(error)) from None
            if not received:
                raise Gone(f"closed; left over: {self.buffer!r}")
            self.buffer += received
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("utf-8", "backslashreplace")

    def reply(self):
        lines = []
        while True:
            line = self._line()
            lines.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), tuple(lines))

    def replies(self, count):
        return [self.reply() for _ in range(count)]

    def silent(self, seconds=0.5):
        """Is there nothing more to read?"""
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            received = self.socket.recv(65536)
            self.buffer += received
            return not received
        except TimeoutError:
            return True
        except ConnectionResetError:
            return True
        finally:
            self.socket.settimeout(20)

    def closed(self):
        """Does the server end the connection (what it said before is thrown away)?"""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def command(self, line):
        self.send(line)
        return self.reply()

    def pipeline(self, *lines):
        """All lines in one segment; one reply for each."""
        self.send(b"".join(line.encode() + b"\r\n" if isinstance(line, str) else line for line in lines))
        return self.replies(len(lines))

    def ehlo(self, name="client.test", verb="EHLO"):
        reply = self.command(f"{verb} {name}")
        self.extensions = {line.split(" ", 1)[0].upper(): line.partition(" ")[2] for line in reply.lines[1:]}
        return reply

    def starttls(self):
        reply = self.command("STARTTLS")
        if reply.code == 220:
            self.handshake()
        return reply

    def handshake(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def mail(self, sender, parameters=""):
        return self.command(f"MAIL FROM:<{sender}>{' ' + parameters if parameters else ''}")

    def rcpt(self, recipient):
        return self.command(f"RCPT TO:<{recipient}>")

    def body(self, content):
        """DATA, the content (stuffed here) and the dot; returns the last reply."""
        reply = self.command("DATA")
        if reply.code != 354:
            return reply
        self.send(stuffed(content) + b".\r\n")
        return self.reply()


def stuffed(content):
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    return b"".join(b"." + line if line.startswith(b".") else line for line in content.splitlines(keepends=True))


def message(subject="a test", body="Hello.\r\n", sender="sender@sender.test", to="alice@example.org", headers=""):
    return (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{subject.replace(' ', '.')}.{time.monotonic_ns()}@sender.test>\r\n{headers}\r\n{body}").encode()


@dataclasses.dataclass
class Sent:
    """What a whole transaction heard, step by step."""
    mail: Reply = None
    rcpt: list = dataclasses.field(default_factory=list)
    end: Reply = None

    @property
    def taken(self):
        return self.end is not None and self.end.kind == 2


def deliver(address, port, recipients, content=None, *, sender="sender@sender.test", client=None, parameters="",
            **options):
    """One message on a connection of its own (or the given one), as a polite client would send it."""
    recipients = [recipients] if isinstance(recipients, str) else recipients
    sent = Sent()
    link = client or Client(address, port, **options)
    try:
        if client is None:
            link.ehlo()
        sent.mail = link.mail(sender, parameters)
        if sent.mail.kind != 2:
            return sent
        sent.rcpt = [link.rcpt(recipient) for recipient in recipients]
        if not any(reply.kind == 2 for reply in sent.rcpt):
            return sent
        sent.end = link.body(content or message())
        return sent
    finally:
        if client is None:
            link.close()
