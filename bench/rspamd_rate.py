# SPDX-License-Identifier: Apache-2.0
"""How many messages a second of its workers' processor time rspamd verifies, asked over HTTP. For bench/auth.

stdin: a line of the key's name, a tab and its record, then the message. Argument: seconds. Prints the rate.

rspamd lives in a root and a network of its own (tests/peers/rspamd); its proxy worker scans by itself, and of its modules only
DKIM is on. The key comes from a name server here, and is asked for once. Exit status: 0 measured, 2 it answers wrongly,
3 rspamd can't be had here.
"""
import concurrent.futures
import http.client
import json
import os
import pathlib
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))
from lib import lab, peers, roots, sender_dns  # noqa: E402

DNS = "127.0.0.8"
PROXY = 11332
AT_ONCE = 4
# Not of its own network: it would not verify that.
ENVELOPE = {"IP": "192.0.2.1", "From": "ann.author@d.example", "Rcpt": "bob.reader@rcpt.example"}


class WrongAnswer(Exception):
    pass


def absent(why):
    print(why, file=sys.stderr)
    sys.exit(3)


def enter():
    """Into the laboratory, with rspamd's packages fetched before by the machine's own network."""
    try:
        roots.prepare("rspamd", (TESTS / "peers/rspamd/packages").read_text().split())
        lab.enter()
    except roots.PeerError as error:
        absent(error)
    except SystemExit as end:
        if isinstance(end.code, str):
            absent(end.code)
        raise


def ask(address, message):
    """Each message has a connection of its own, as with rspamd's own client."""
    link = http.client.HTTPConnection(address, PROXY, timeout=30)
    link.request("POST", "/checkv2", message, ENVELOPE)
    reply = link.getresponse()
    said = reply.read()
    link.close()
    if reply.status != 200 or "R_DKIM_ALLOW" not in json.loads(said)["symbols"]:
        raise WrongAnswer(f"the signature is not good: HTTP {reply.status} {said.decode(errors='replace')[:500]}")


def workers_seconds(parent):
    """Processor time of all processes that rspamd's first one has started."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == parent:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(rspamd, message, seconds):
    peers.wait_for("the proxy worker", lambda: peers.listens(rspamd.address, PROXY))
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as clients:
        def some(count):
            list(clients.map(lambda _: ask(rspamd.address, message), range(count)))

        some(200)
        count, begun, worked = 0, time.monotonic(), workers_seconds(rspamd.process.pid)
        while time.monotonic() - begun < seconds:
            some(50)
            count += 50
        return count / (workers_seconds(rspamd.process.pid) - worked)


def main():
    first, message = sys.stdin.buffer.read().split(b"\n", 1)
    name, record = first.decode().split("\t")
    enter()
    try:
        with sender_dns.SenderDns(DNS, {name: record}) as names, peers.Rspamd(NAME_SERVER=DNS, PROXY_PORT=str(PROXY), SIGN="false") as rspamd:
            print(measure(rspamd, message, float(sys.argv[1])))
            asked = sum(query[0] == name for query in names.queries)
            if asked > AT_ONCE:
                raise WrongAnswer(f"it asked {asked} times for the key: that is not a warm cache")
    except roots.PeerError as error:
        absent(error)
    except WrongAnswer as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
