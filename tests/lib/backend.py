# SPDX-License-Identifier: Apache-2.0
"""A backend that follows a script: it answers, refuses, closes, resets, hangs or talks garbage at any step.

Steps: greeting, ehlo, lhlo, helo, xforward, mail, rcpt, data, body, dot, rset, quit, noop, vrfy. A script maps a step, or
"rcpt <address>", to what happens instead of the usual: a reply (text), or one of the acts below; a list is used up one
by one, its last entry stays.
"""

import dataclasses
import os
import socket
import socketserver
import struct
import threading
import time

CLOSE = "<close>"      # ends the connection instead of answering
RESET = "<reset>"      # ... with a RST
HANG = "<hang>"        # says nothing for as long as the client waits
GARBAGE = "<garbage>"  # bytes that are no reply, then goes on
DRIBBLE = "<dribble>"  # the usual answer, one byte a segment
HALF = "<half>"        # half of a reply line, then closes
ENDLESS = "<endless>"  # a reply that never ends


@dataclasses.dataclass
class Message:
    sender: str
    recipients: list
    content: bytes
    identity: dict
    client: str


class ScriptedBackend:
    def __init__(self, address, port=25, script=None, *, lmtp=False, extensions=("PIPELINING", "8BITMIME", "SMTPUTF8",
                                                                                  "SIZE 20480000")):
        self.script = dict(script or {})
        self.lmtp = lmtp
        self.extensions = extensions
        self.messages = []    # those whose final dot came and was answered 2xx
        self.dots = 0         # final dots that came, answered or not
        self.connections = 0
        self.commands = []    # (connection, line) in order
        self._lock = threading.Lock()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    _Session(outer, self.request).run()
                except (OSError, _Over):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

        self._server = Server((address, port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def act(self, *steps):
        """What the script says for the first of the steps that it names."""
        with self._lock:
            for step in steps:
                if step in self.script:
                    entry = self.script[step]
                    if isinstance(entry, list):
                        return entry.pop(0) if len(entry) > 1 else entry[0]
                    return entry
        return None


class _Over(Exception):
    pass


class _Session:
    def __init__(self, backend, link):
        self.backend = backend
        self.link = link
        self.buffer = b""
        with backend._lock:
            backend.connections += 1
            self.number = backend.connections
        self.identity = {}
        self.forget()

    def forget(self):
        self.sender = None
        self.recipients = []

    def run(self):
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer("220 scripted.test ESMTP", "greeting")
        while True:
            line = self.line()
            with self.backend._lock:
                self.backend.commands.append((self.number, line))
            verb = line.split(" ")[0].upper()
            getattr(self, "do_" + verb.lower(), self.unknown)(line)

    def line(self):
        while b"\n" not in self.buffer:
            received = self.link.recv(65536)
            if not received:
                raise _Over
            self.buffer += received
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "backslashreplace")

    def answer(self, usual, *steps, before=None):
        """Returns the code that was sent; None if none was. `before` hears the code before it is sent."""
        act = self.backend.act(*steps)
        if callable(act):
            act = act(self)
        text = usual if act in (None, DRIBBLE) else act
        if text == CLOSE:
            raise _Over
        if text == RESET:
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise _Over
        if text == HANG:
            while self.link.recv(65536):
                pass
            raise _Over
        if text == GARBAGE:
            self.link.sendall(b"\xff\xfe\x00not a reply\x07\r\n" + os.urandom(20).replace(b"\n", b"?") + b"\r\n")
            return None
        if text == HALF:
            self.link.sendall(usual[:2].encode())
            raise _Over
        if text == ENDLESS:
            while True:
                self.link.sendall(b"250-and so on\r\n" * 500)
        if before:
            before(int(text[:3]))
        data = text.replace("\n", "\r\n").encode() + b"\r\n"
        if act == DRIBBLE:
            for index in range(len(data)):
                self.link.sendall(data[index:index + 1])
                time.sleep(0.001)
        else:
            self.link.sendall(data)
        return int(text[:3])

    def hello(self, step, extended):
        self.forget()
        lines = ["scripted.test", *(self.backend.extensions if extended else ())]
        self.answer("\n".join(f"250{' ' if index == len(lines) - 1 else '-'}{line}" for index, line in enumerate(lines)),
                    step)

    def do_ehlo(self, _):
        if self.backend.lmtp:
            return self.answer("500 5.5.1 LHLO here", "ehlo")
        return self.hello("ehlo", True)

    def do_lhlo(self, _):
        return self.hello("lhlo", True)

    def do_helo(self, _):
        return self.hello("helo", False)

    def do_xforward(self, line):
        code = self.answer("250 2.0.0 Ok", "xforward")
        if code == 250:
            self.identity.update(item.split("=", 1) for item in line.split(" ")[1:] if "=" in item)

    def do_mail(self, line):
        code = self.answer("250 2.1.0 Ok", "mail")
        if code and code // 100 == 2:
            self.sender = line[line.index("<") + 1:line.index(">")]

    def do_rcpt(self, line):
        address = line[line.index("<") + 1:line.rindex(">")]
        code = self.answer("250 2.1.5 Ok", f"rcpt {address}", "rcpt")
        if code and code // 100 == 2:
            self.recipients.append(address)

    def do_data(self, _):
        if not self.recipients:
            self.answer("503 5.5.1 no valid recipients", "data none")
            return
        if self.answer("354 go ahead", "data") != 354:
            return
        if self.backend.act("body") in (CLOSE, RESET):
            self.link.recv(10)
            self.answer("", "body")
        while not (self.buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self.buffer):
            received = self.link.recv(65536)
            if not received:
                raise _Over
            self.buffer += received
        content, self.buffer = (b"\r\n" + self.buffer).split(b"\r\n.\r\n", 1)
        content = content[2:].replace(b"\r\n..", b"\r\n.") + b"\r\n"
        with self.backend._lock:
            self.backend.dots += 1
        for address in self.recipients if self.backend.lmtp else [None]:
            steps = [*([f"dot {address}"] if address else []), "dot"]
            self.answer("250 2.0.0 Ok: kept", *steps, before=lambda code: self.keep(code, address, content))
        self.forget()

    def keep(self, code, address, content):
        """Called before the answer goes out: who hears 250 finds the message here."""
        if code // 100 == 2:
            recipients = [address] if address else list(self.recipients)
            with self.backend._lock:
                self.backend.messages.append(Message(self.sender, recipients, content, dict(self.identity),
                                                     self.link.getpeername()[0]))

    def do_rset(self, _):
        self.forget()
        self.answer("250 2.0.0 Ok", "rset")

    def do_noop(self, _):
        self.answer("250 2.0.0 Ok", "noop")

    def do_vrfy(self, _):
        self.answer("252 2.0.0 maybe", "vrfy")

    def do_quit(self, _):
        self.answer("221 2.0.0 Bye", "quit")
        raise _Over

    def unknown(self, _):
        self.answer("500 5.5.2 what?", "unknown")
