# SPDX-License-Identifier: Apache-2.0
"""The DNS of strangers, as the tests of sender authentication want it: answers at once, late, or not at all."""

import threading

from interop.odd_dns import NXDOMAIN, OddServer, TXT, record, soa, txt


class SenderDns(OddServer):
    """`texts`: {name: TXT}. Everything else does not exist. hold(name) keeps answers for names at or below it back until
    release(); dead = True answers nothing."""

    def __init__(self, address, texts):
        self.texts = dict(texts)
        self.dead = False
        self._held = {}
        super().__init__(address, self.answer)

    def hold(self, name):
        self._held[name] = threading.Event()

    def release(self):
        held, self._held = self._held, {}
        for event in held.values():
            event.set()

    def asked(self, name):
        return any(query[0] == name for query in self.queries)

    def answer(self, query):
        if self.dead:
            return None
        for name, event in list(self._held.items()):
            if query.name == name or query.name.endswith("." + name):
                event.wait(30)
        if query.name in self.texts:
            answers = [record(query.name, TXT, txt(self.texts[query.name]))] if query.type == TXT else []
            return query.reply(answers, [] if answers else [soa("test")])
        below = any(name.endswith("." + query.name) for name in self.texts)
        return query.reply(authority=[soa("test")], rcode=0 if below else NXDOMAIN)
