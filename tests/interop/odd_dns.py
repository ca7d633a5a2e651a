# SPDX-License-Identifier: Apache-2.0
"""A name server that misbehaves as a test tells it, on one loopback address, UDP and TCP."""

import socket
import struct
import threading

A, NS, CNAME, SOA, MX, TXT = 1, 2, 5, 6, 15, 16
FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 1, 2, 3, 4, 5


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def txt(text):
    text = text.encode()
    return b"".join(bytes([len(part)]) + part for part in (text[i:i + 255] for i in range(0, len(text), 255)))


def record(owner, kind, data, ttl=60):
    return name(owner) + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def soa(zone):
    return record(zone, SOA, name("ns." + zone) + name("root." + zone) + struct.pack("!5I", 1, 3600, 900, 1209600, 60))


class Query:
    """What was asked, and the ways to answer it."""

    def __init__(self, message, tcp):
        self.message = message
        self.tcp = tcp
        self.id = message[:2]
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1"))
            at += 1 + message[at]
        self.name = ".".join(labels).lower()
        self.type, = struct.unpack("!H", message[at + 1:at + 3])
        self.question = message[12:at + 5]

    def reply(self, answers=(), authority=(), rcode=0, authoritative=True, truncated=False, ident=None):
        flags = 0x8000 | (0x0400 if authoritative else 0) | (0x0200 if truncated else 0) | rcode
        head = (ident or self.id) + struct.pack("!5H", flags, 1, len(answers), len(authority), 0)
        return head + self.question + b"".join(answers) + b"".join(authority)


def forward(address, query):
    """What an honest server says."""
    if query.tcp:
        with socket.create_connection((address, 53), 5) as link, link.makefile("rb") as file:
            link.sendall(struct.pack("!H", len(query.message)) + query.message)
            return file.read(struct.unpack("!H", file.read(2))[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(5)
        link.sendto(query.message, (address, 53))
        return link.recv(65535)


class OddServer:
    """`behave(query)` returns the bytes to send, or None for silence; it may sleep. Each query has a thread."""

    def __init__(self, address, behave, tcp=True):
        self.address = address
        self.behave = behave
        self.queries = []  # (name, type, "udp" or "tcp")
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind((address, 53))
        self.sockets = [self.datagrams]
        threading.Thread(target=self._udp, daemon=True).start()
        if tcp:
            listener = socket.create_server((address, 53))
            self.sockets.append(listener)
            threading.Thread(target=self._tcp, args=(listener,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def _answer(self, message, tcp):
        query = Query(message, tcp)
        self.queries.append((query.name, query.type, "tcp" if tcp else "udp"))
        return self.behave(query)

    def _udp(self):
        while True:
            try:
                message, client = self.datagrams.recvfrom(4096)
            except OSError:
                return
            if not message:  # it has been shut down
                return
            threading.Thread(target=self._one, args=(message, client), daemon=True).start()

    def _one(self, message, client):
        answer = self._answer(message, False)
        if answer is not None:
            try:
                self.datagrams.sendto(answer, client)
            except OSError:
                pass

    def _tcp(self, listener):
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._link, args=(link,), daemon=True).start()

    def _link(self, link):
        with link, link.makefile("rb") as file:
            while len(size := file.read(2)) == 2:
                answer = self._answer(file.read(struct.unpack("!H", size)[0]), True)
                if answer is None:
                    return
                link.sendall(struct.pack("!H", len(answer)) + answer)


class Zone:
    """An honest answer for {name: {type: [rdata]}} below `apex`; what others spoil."""

    def __init__(self, apex, names):
        self.apex = apex
        self.names = {f"{key}.{apex}" if key else apex: value for key, value in names.items()}

    def __call__(self, query):
        known = self.names.get(query.name)
        if known is None:
            below = any(key.endswith("." + query.name) for key in self.names)
            return query.reply(authority=[soa(self.apex)], rcode=0 if below or query.name == self.apex else NXDOMAIN)
        kind = query.type if query.type in known else CNAME
        answers = [record(query.name, kind, data) for data in known.get(kind, ())]
        return query.reply(answers, [] if answers else [soa(self.apex)])
