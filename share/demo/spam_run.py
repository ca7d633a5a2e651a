#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small, bounded spam run against the sample set-up of ./start, and what became of it.

It speaks SMTP to one address on the loopback interface only, sends about seventy messages with forged senders, and ends
after a few seconds. Nothing leaves the machine: example.org, *.test and 198.51.100.0/24 are nobody's.
"""

import argparse
import collections
import ipaddress
import random
import re
import socket
import subprocess
import sys
import time

KNOWN = ["alice", "bob", "carol", "info"]
GUESSES = ["aaron", "abby", "admin", "adam", "bill", "billing", "chris", "claire", "david", "dora", "emma", "eric", "frank",
           "george", "hanna", "ivan", "jobs", "kate", "linda", "mail", "news", "nina", "office", "oscar", "paul", "peter",
           "root", "sales", "support", "test", "tom", "webmaster", "zoe"]
VICTIMS = ["grandmother@victim.test", "hospital@victim.test", "press@paper.test", "you@somewhere.test"]


class Link:
    """One SMTP connection."""

    def __init__(self, address, port):
        self.socket = socket.create_connection((address, port), 10)
        self.buffer = b""
        self.reply()
        self.say(f"EHLO bot{random.randrange(1000)}.test")

    def reply(self):
        text = []
        while True:
            while b"\r\n" not in self.buffer:
                received = self.socket.recv(4096)
                if not received:
                    raise ConnectionError("the server closed the connection")
                self.buffer += received
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            text.append(line.decode("ascii", "replace"))
            if line[3:4] != b"-":
                return text[-1]

    def say(self, line):
        self.socket.sendall((line if isinstance(line, bytes) else line.encode() + b"\r\n"))
        return self.reply()

    def close(self):
        try:
            self.say("QUIT")
        except OSError:
            pass
        self.socket.close()


def attempt(place, sender, recipients, body=b"Subject: BUY NOW\r\n\r\nCheap echoes.\r\n"):
    """One transaction; the reply that decided it."""
    link = Link(*place)
    try:
        answer = link.say(f"MAIL FROM:<{sender}>")
        if answer[0] != "2":
            return answer
        answers = [link.say(f"RCPT TO:<{recipient}>") for recipient in recipients]
        if not any(answer[0] == "2" for answer in answers) or answers[-1][0] != "2":
            return answers[-1]
        answer = link.say("DATA")
        if answer[0] != "3":
            return answer
        return link.say(body + b"\r\n.\r\n")
    except (ConnectionError, TimeoutError) as error:
        return f"--- {error}"
    finally:
        link.close()


def run_of(chance):
    """(what it is, sender, recipients, body) of each message of the run, mixed."""
    text = b"From: <spam@sender.test>\r\nSubject: BUY NOW\r\n\r\nCheap echoes.\r\n"
    run = [("dictionary attack", chance.choice(VICTIMS), [f"{guess}@example.org"], text) for guess in GUESSES]
    run += [("bounce of a joe job", "", [f"{guess}@example.org"], text) for guess in chance.sample(GUESSES, 8)]
    run += [("bounce to two", "", ["alice@example.org", "bob@example.org"], text) for _ in range(3)]
    run += [("relay attempt", chance.choice(VICTIMS), [target], text) for target in (
        "x@victim.test", "x%victim.test@example.org", "victim.test!x@example.org", '"x@victim.test"@example.org',
        "@example.org:x@victim.test")]
    run += [("smuggling attempt", "spam@sender.test", ["alice@example.org"],
             text + end + b"MAIL FROM:<ceo@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nx")
            for end in (b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r\n")]
    run += [("ordinary mail", f"friend{number}@sender.test", [f"{chance.choice(KNOWN)}@example.org"],
             f"From: <friend{number}@sender.test>\r\nSubject: lunch {number}?\r\n\r\nAt noon.\r\n".encode())
            for number in range(12)]
    chance.shuffle(run)
    return run


def tell_story(anechoic, config, identity):
    print(f"\nWhy was {identity} decided as it was?   ($ {anechoic} explain -c {config} {identity})\n")
    for _ in range(20):  # the journal is written behind
        story = subprocess.run([anechoic, "explain", "-c", config, identity], capture_output=True, text=True)
        if story.returncode == 0 and story.stdout:
            print("  " + story.stdout.strip().replace("\n", "\n  "))
            return
        time.sleep(0.1)
    print(f"  {story.stderr.strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--pause", type=float, default=0.08, help="seconds between two messages")
    parser.add_argument("--anechoic", help="the program, for `explain` at the end")
    parser.add_argument("--config")
    options = parser.parse_args()
    if not ipaddress.ip_address(options.address).is_loopback:
        sys.exit("spam_run: only loopback addresses are allowed")
    colour = {"2": "\033[32m", "4": "\033[33m", "5": "\033[31m"} if sys.stdout.isatty() else {}

    print("\nA spam run with forged senders begins. Behind a mail server that accepts first and thinks later, every\n"
          "refusal below would have been a bounce to an innocent person.\n")
    fates = collections.Counter()
    example = None
    for kind, sender, recipients, body in run_of(random.Random(8025)):
        answer = attempt((options.address, options.port), sender, recipients, body)
        fates[(kind, answer[:1])] += 1
        mark, end = (colour.get(answer[:1], ""), "\033[0m") if colour else ("", "")
        print(f"  {kind:20} <{sender}> to {', '.join(recipients)}"[:86].ljust(88) + f"{mark}{answer}{end}", flush=True)
        identity = re.search(r"\b[0-9a-z]{16}\b", answer)
        if kind == "dictionary attack" and answer.startswith("550") and identity:
            example = identity[0]
        time.sleep(options.pause)

    print("\n                        accepted   deferred    refused")
    for kind in sorted({kind for kind, _ in fates}):
        print(f"  {kind:20} {fates[(kind, '2')]:11} {fates[(kind, '4')]:10} {fates[(kind, '5')]:10}")
    print("\n  Bounces owed to anybody: 0. What was refused is still the sender's own.")
    if options.anechoic and example:
        tell_story(options.anechoic, options.config, example)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"spam_run: {error}; is ./start running?")
