# SPDX-License-Identifier: Apache-2.0
"""Messages full of what is almost a phrase of automatic mail: the costliest text for a pattern matcher, as a stranger would make it."""
import base64
import pathlib
import quopri
import random
import tomllib

TEXT = 8 * 1024  # octets of decoded text: as much as the classifier reads
KINDS = ("cut", "changed", "wide", "doubled", "mixed")


def texts_of(value):
    """Every string in lists called `texts`, wherever they stand."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "texts":
                yield from (text for text in inner if isinstance(text, str))
            else:
                yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def phrases(data):
    found = []
    for path in sorted(data.rglob("*.toml")):
        found += texts_of(tomllib.loads(path.read_text()))
    return [text for text in dict.fromkeys(found) if len(text) > 4] or ["your message could not be delivered", "out of the office",
                                                                        "please confirm your subscription", "user unknown in virtual"]


def damaged(text, kind, dice):
    """A phrase that isn't one any more, at a letter as late as possible."""
    if kind == "cut":
        return text[:-1]
    if kind == "changed":
        return text[:-1] + ("x" if text[-1] != "x" else "y")
    if kind == "wide":
        return text[:-1].replace(" ", "   \n ")
    if kind == "doubled":
        return " ".join(word + " " + word for word in text.split(" "))
    return damaged(text, dice.choice(KINDS[:4]), dice)


def message(number, source, dice):
    kind = KINDS[number % len(KINDS)]
    body = ""
    # Either one phrase again and again, or all of them.
    few = [dice.choice(source)] if number % 2 else source
    while len(body.encode()) < TEXT:
        body += damaged(dice.choice(few), kind, dice) + dice.choice((" ", " ", "\n", ". "))
    body = body.encode()[:TEXT].decode(errors="ignore")
    subject = damaged(dice.choice(source), kind, dice).replace("\n", " ")
    encoding, octets = (("8bit", body.encode()), ("quoted-printable", quopri.encodestring(body.encode())),
                        ("base64", base64.encodebytes(body.encode())))[number % 3]
    header = (f"Received: from a.example (a.example [192.0.2.{number % 250}]) by mx.example.org; Sun, 22 Nov 2026 06:10:21 +0000\n"
              f"From: mailer-deamon{number}@a.example\nTo: user@example.org\n"
              f"Subject: =?utf-8?B?{base64.b64encode(subject.encode()).decode()}?=\n"
              f"Date: Sun, 22 Nov 2026 06:10:21 +0000\nMessage-ID: <{number}@a.example>\nMIME-Version: 1.0\n"
              f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n")
    return header.encode() + octets


def generate(folder, data, count=400):
    """Writes them; the same data gives the same messages."""
    folder.mkdir(parents=True, exist_ok=True)
    source = phrases(pathlib.Path(data))
    dice = random.Random(3834)
    paths = []
    for number in range(count):
        path = folder / f"{number:03}.eml"
        path.write_bytes(message(number, source, dice))
        paths.append(path)
    return paths
