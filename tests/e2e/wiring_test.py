# SPDX-License-Identifier: Apache-2.0
"""Between the gateway and real backends: TLS in its four modes, and two backends for two domains."""

import unittest

from lib import peers, smtp
from lib.gateway import Gateway, need_binary
from lib.pki import certificate


class BackendTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need_binary()
        cls.peer = cls.enterClassContext(peers.Postfix())
        cls.plain = cls.enterClassContext(peers.Postfix(ADDRESS="127.0.0.22", TLS="none"))

    def deliver(self, peer, **backend):
        with Gateway(f"smtp://{peer.address}:25", config={"backend": {"main": backend}}) as gateway:
            return gateway.deliver("alice@example.org", smtp.message("over " + str(backend.get("tls"))))

    def connections(self):
        return self.peer.log().count("TLS connection established from")

    def test_if_offered(self):
        before = self.connections()
        self.assertTrue(self.deliver(self.peer, tls="if-offered").taken)
        self.assertGreater(self.connections(), before)
        self.assertTrue(self.deliver(self.plain, tls="if-offered").taken)

    def test_never(self):
        before = self.connections()
        self.assertTrue(self.deliver(self.peer, tls="never").taken)
        self.assertEqual(self.connections(), before)

    def test_required(self):
        self.assertTrue(self.deliver(self.peer, tls="required").taken)
        sent = self.deliver(self.plain, tls="required")
        self.assertEqual(sent.rcpt[0].kind, 4, sent)

    def test_verified(self):
        self.assertTrue(self.deliver(self.peer, tls="verified", ca_file=self.peer.out / "certificate.pem").taken)
        other, _ = certificate("other.test", "127.0.0.200")
        sent = self.deliver(self.peer, tls="verified", ca_file=other)
        self.assertEqual(sent.rcpt[0].kind, 4, sent)


class Groups(unittest.TestCase):
    """example.org is Postfix's, example.net Exim's: they cannot share a transaction (RULES R3)."""

    @classmethod
    def setUpClass(cls):
        need_binary()
        cls.postfix = cls.enterClassContext(peers.Postfix())
        cls.exim = cls.enterClassContext(peers.Exim(DOMAIN="example.net"))
        cls.gateway = cls.enterClassContext(Gateway(f"smtp://{cls.postfix.address}:25", people=None, config={
            "backend": {"net": {"to": [f"smtp://{cls.exim.address}:25"]}},
            "domain": {"example.net": {"backend": "net"}}}))

    def test_each_gets_its_own(self):
        self.assertTrue(self.gateway.deliver("alice@example.org", smtp.message("for postfix")).taken)
        self.assertTrue(self.gateway.deliver("alice@example.net", smtp.message("for exim")).taken)
        self.postfix.wait_mail("alice", "for postfix")
        self.exim.wait_mail("alice", "for exim")

    def test_both_in_one_transaction(self):
        sent = self.gateway.deliver(["alice@example.org", "bob@example.net", "bob@example.org"], smtp.message("for both"))
        self.assertEqual([reply.code for reply in sent.rcpt], [250, 452, 250])
        self.assertTrue(sent.taken, sent)
        again = self.gateway.deliver("bob@example.net", smtp.message("for both"))
        self.assertTrue(again.taken)
        self.exim.wait_mail("bob", "for both")
        self.postfix.wait_mail("bob", "for both")

    def test_one_down_does_not_hurt_the_other(self):
        with peers.Exim(ADDRESS="127.0.0.33", DOMAIN="example.com") as exim:
            with Gateway(f"smtp://{self.postfix.address}:25", people=None, port=2528, http=8028, config={
                    "backend": {"com": {"to": [f"smtp://{exim.address}:25"]}},
                    "domain": {"example.com": {"backend": "com"}}}) as gateway:
                self.assertTrue(gateway.deliver("alice@example.com", smtp.message("before")).taken)
                exim.stop()
                self.assertEqual(gateway.deliver("alice@example.com", timeout=60).rcpt[0].kind, 4)
                self.assertTrue(gateway.deliver("alice@example.org", smtp.message("the other one")).taken)


if __name__ == "__main__":
    unittest.main()
