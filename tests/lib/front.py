# SPDX-License-Identifier: Apache-2.0
"""What the tests of the gateway's outer side share: a scripted store behind it, one gateway per class."""

import unittest

from lib import smtp
from lib.backend import ScriptedBackend
from lib.gateway import Gateway

STORE = "127.0.0.15"


class Front(unittest.TestCase):
    """One gateway per class; `config` says what differs."""

    config = {}
    people = ["postmaster", "alice", "bob"]

    @classmethod
    def setUpClass(cls):
        cls.store = cls.enterClassContext(ScriptedBackend(STORE))
        cls.gateway = cls.enterClassContext(Gateway(f"smtp://{STORE}:25", people=cls.people, config=cls.make_config()))

    @classmethod
    def make_config(cls):
        return cls.config

    def setUp(self):
        self.store.script = {}
        self.store.messages.clear()

    def client(self, **options):
        return smtp.Client(self.gateway.address, self.gateway.port, **options)

    def delivered(self, subject):
        return next(message for message in self.store.messages if subject.encode() in message.content)
