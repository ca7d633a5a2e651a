# SPDX-License-Identifier: Apache-2.0
"""A disk that has only what was synced: the shim's log, played again under the strictest reading of POSIX.

A file's bytes are on disk once an fsync of that file, begun after the write had ended, has returned. A name is on disk
once an fsync of its folder, begun after the name was made, has returned. Nothing else is: neither the syncing of another
file nor time makes anything durable.
"""

import dataclasses
import posixpath
import re

# The id of a message, in the answer to its end and in the name of its file.
ANSWER = re.compile(rb"^250 2\.\d+\.\d+ .*?\b([a-z2-7]{16})\b")
IN_NEW = re.compile(r"/new/[^/]*_([a-z2-7]{16})\.")


class Surprise(Exception):
    """The log shows something that this model does not know; it must not be believed."""


@dataclasses.dataclass(eq=False)
class Node:
    """A file or folder. `pending`: (when it ended, change); a change is bytes, or (name, Node or None)."""
    folder: bool
    now: object = None
    durable: object = None
    pending: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.now = {} if self.folder else b""
        self.durable = {} if self.folder else b""

    def change(self, ended, what):
        self.now = self._with(self.now, what)
        self.pending.append((ended, what))

    def seen(self, name, moment):
        """The entry was there at that moment, whenever the call that made it looked at the clock."""
        self.pending = [(min(ended, moment) if self.folder and what[0] == name else ended, what) for ended, what in self.pending]

    def synced(self, began):
        for ended, what in self.pending:
            if ended < began:
                self.durable = self._with(self.durable, what)
        self.pending = [entry for entry in self.pending if entry[0] >= began]

    def _with(self, state, what):
        if not self.folder:
            return state + what
        name, node = what
        state.pop(name, None)
        if node is not None:
            state[name] = node
        return state


@dataclasses.dataclass
class Answer:
    """A 250 on its way to the client."""
    id: str
    files: list   # the paths under which the message is visible at that moment
    on_disk: list  # those of them that a loss of power at that moment would leave, whole


class Replay:
    def __init__(self, log):
        self.root = Node(True)
        self.open = {}
        self.visible = {}  # id -> paths in new/
        self.answers = []
        self.failed_syncs = 0
        self.syncs = 0
        for _, began, ended, kind, fields in sorted(self._events(log), key=lambda event: event[0]):
            getattr(self, "on_" + kind, self.on_unexpected)(began, ended, fields)

    @staticmethod
    def _events(log):
        for line in log.splitlines():
            began, ended, kind, *fields = line.split(" ")
            # An effect is there when the call has ended; a descriptor is gone, and an answer out, when it begins. A folder may be
            # used by another thread before the one that made it has looked at the clock again.
            moment = int(began) if kind in ("close", "send", "mkdir") else int(ended)
            yield moment, int(began), int(ended), kind, fields

    def on_unexpected(self, _began, _ended, fields):
        raise Surprise(f"unexpected call: {' '.join(fields)}")

    def find(self, path):
        node = self.root
        for name in [] if path == "." else path.split("/"):
            node = node.now[name]
        return node

    def place(self, path):
        parent, name = posixpath.split(path)
        return self.find(parent or "."), name

    def on_open(self, _began, ended, fields):
        descriptor, kind, how, path = int(fields[0]), *fields[1:]
        try:
            node = self.find(path)
        except KeyError:
            if how != "create":
                raise Surprise(f"{path} was opened but never made") from None
            node = Node(kind == "d")
            folder, name = self.place(path)
            folder.change(ended, (name, node))
        self.open[descriptor] = node

    def on_close(self, _began, _ended, fields):
        self.open.pop(int(fields[0]), None)

    def on_write(self, _began, ended, fields):
        self.open[int(fields[0])].change(ended, bytes.fromhex(fields[1]))

    def on_sync(self, began, _ended, fields):
        self.syncs += 1
        if fields[1] == "0":
            self.open[int(fields[0])].synced(began)
        else:
            self.failed_syncs += 1

    def on_mkdir(self, _began, ended, fields):
        folder, name = self.place(fields[0])
        folder.change(ended, (name, Node(True)))

    def on_seen(self, _began, ended, fields):
        folder, name = self.place(fields[0])
        folder.seen(name, ended)

    def on_rename(self, _began, ended, fields):
        source, name = self.place(fields[0])
        target, new_name = self.place(fields[1])
        node = source.now[name]
        source.change(ended, (name, None))
        target.change(ended, (new_name, node))
        self._seen(fields[1])

    def on_link(self, _began, ended, fields):
        target, name = self.place(fields[1])
        target.change(ended, (name, self.find(fields[0])))
        self._seen(fields[1])

    def on_unlink(self, _began, ended, fields):
        folder, name = self.place(fields[0])
        folder.change(ended, (name, None))
        for paths in self.visible.values():
            if fields[0] in paths:
                paths.remove(fields[0])

    def _seen(self, path):
        found = IN_NEW.search(path)
        if found:
            self.visible.setdefault(found[1], []).append(path)

    def _on_disk(self, path):
        """Is the file there after a loss of power, and whole?"""
        node = self.root
        for name in path.split("/"):
            node = node.durable.get(name)
            if node is None:
                return False
        return node.durable == node.now

    def on_send(self, _began, _ended, fields):
        for line in bytes.fromhex(fields[1]).split(b"\r\n"):
            found = ANSWER.match(line)
            if found:
                files = list(self.visible.get(found[1].decode(), []))
                self.answers.append(Answer(found[1].decode(), files, [path for path in files if self._on_disk(path)]))

    def durable_files(self, node=None, path=""):
        """(path, file) of everything that a loss of power would leave."""
        for name, child in (node or self.root).durable.items():
            if child.folder:
                yield from self.durable_files(child, f"{path}{name}/")
            else:
                yield path + name, child
