#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes messages of the notice and challenge templates of MailScanner and TMDA, as those programs would send them.

  bench/render_templates.py CORPORA OUTPUT     reads CORPORA/bounce/mailscanner-reports and CORPORA/bounce/tmda-templates

Writes OUTPUT/KIND/LANGUAGE-TEMPLATE.eml and OUTPUT/labels.json: {"virus-notice/de-sender.virus.report.eml": "virus-notice", ...}.
The kind is the template's: MailScanner's notices to senders and recipients are virus-notice (content notices are, too), TMDA's
request and acknowledgement are challenge, its bounce_* are dsn. Templates that are no messages (warnings put in place of an
attachment, inline warnings, signatures) are left out.

Each message is written twice: as the program sends it, and (NAME-bare.eml) as it may arrive when relays have removed what
helps: no Auto-Submitted, no X-*-MailScanner, no null return path.
"""
import email.header
import json
import pathlib
import re
import sys
import zlib

VALUES = {
    "from": "alice@example.com", "to": "bob@example.org", "subject": "Invoice 4711", "date": "Sun, 22 Nov 2026 06:15:00 +0000",
    "id": "4Xq1z2-0001a", "datenumber": "20261122", "hostname": "mx1.example.org", "filename": "invoice.pdf.exe",
    "report": "ClamAV: invoice.pdf.exe contains Win.Trojan.Agent-1234", "spamreport": "SpamAssassin (score=12.3, required 5)",
    "postmastername": "MailScanner", "localpostmaster": "postmaster@example.org", "messagesize": "31457280", "size": "31457280",
    "maxmessagesize": "10485760", "quarantinedir": "/var/spool/MailScanner/quarantine", "fitxer": "invoice.pdf.exe",
    "Config::LocalPostmaster": "postmaster@example.org",
}
PERCENT = {
    "org-name": "example", "org-long-name": "Example Organisation", "web-site": "www.example.org",
    "FULLNAME": "Bob Builder", "recipient_address": "bob@example.org", "confirm_append_address": "alice@example.com",
    "confirm_accept_address": "bob-confirm-accept.1795328100.12345.a1b2c3@example.org", "pending_lifetime": "14 days",
}


def read(path):
    data = path.read_bytes()
    for charset in ("utf-8", "iso-8859-1"):
        try:
            return data.decode(charset), charset
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 takes anything")


def fill(text):
    text = re.sub(r"\$([A-Za-z:]+[A-Za-z])", lambda m: VALUES.get(m[1], m[0]), text)
    text = re.sub(r"%\(([A-Za-z_]+)\)s", lambda m: PERCENT.get(m[1], m[0]), text)
    return re.sub(r"%([a-z-]+)%", lambda m: PERCENT.get(m[1], m[0]), text)


def split(text):
    """Header lines (as a list of name, value) and body."""
    head, _, body = text.lstrip("\n").partition("\n\n")
    fields = []
    for line in head.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(), value.strip()))
    return fields, body


def has(fields, name):
    return any(field.lower() == name for field, _ in fields)


def encode(value, charset):
    return value if value.isascii() else email.header.Header(value, charset).encode(maxlinelen=900)


def message(fields, body, charset, standard):
    """`standard`: the fields that a proper message needs, where the template lacks them."""
    lines = [f"{name}: {encode(value, charset)}" for name, value in fields]
    lines += [f"{name}: {value}" for name, value in standard if not has(fields, name.lower())]
    if not has(fields, "content-type"):
        lines += ["MIME-Version: 1.0", f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit"]
    encoding = "iso-8859-1" if any("iso-8859-1" in value.lower() for name, value in fields if name.lower() == "content-type") else charset
    if any("quoted-printable" in value.lower() for _, value in fields):
        import quopri
        data = quopri.encodestring(body.encode(encoding, "replace"))
    else:
        data = body.encode(encoding, "replace")
    return "\n".join(lines).encode("ascii", "replace") + b"\n\n" + data


def mailscanner(folder, emit):
    for path in sorted(folder.glob("*/*.report.txt")):
        if not path.name.startswith(("sender.", "recipient.", "rejection.")):
            continue
        text, charset = read(path)
        fields, body = split(fill(text))
        rest = [("Date", VALUES["date"]), ("Message-ID", f"<20261122061500.{zlib.crc32(path.name.encode()) % 99999}@mx1.example.org>")]
        name = f"{path.parent.name}-{path.name.removesuffix('.txt')}"
        emit("virus-notice", name, message([("Return-Path", "<>"), *fields], body, charset, rest))
        bare = [(field, value) for field, value in fields if not field.lower().endswith("-mailscanner")]
        emit("virus-notice", f"{name}-bare", message([("Return-Path", "<postmaster@example.org>"), *bare], body, charset, rest))


def tmda(folder, emit):
    for path in sorted(folder.glob("*.txt")):
        text, charset = read(path)
        fields, body = split(fill(text))
        fields = [(name.split(".")[0], value) for name, value in fields if name != "BodyCharset"]
        fields.append(("To", VALUES["from"]))
        kind = "dsn" if path.name.startswith("bounce_") else "challenge"
        stamp = "1795328100.12345"
        suffix = "TMDA" if kind == "dsn" else "mx1-tmda-confirm"
        rest = [("Date", VALUES["date"]), ("Message-ID", f"<{stamp}.{suffix}@mx1.example.org>"), ("Precedence", "bulk"),
                ("Auto-Submitted", "auto-replied"), ("X-Delivery-Agent", "TMDA/1.1.12"), ("In-Reply-To", "<4711@example.com>")]
        emit(kind, f"en-{path.stem}", message([("Return-Path", "<>"), *fields], body, "us-ascii", rest))
        bare = rest[:1] + [("Message-ID", f"<{stamp}@mx1.example.org>")]
        emit(kind, f"en-{path.stem}-bare", message([("Return-Path", "<bob@example.org>"), *fields], body, "us-ascii", bare))


def main(arguments):
    if len(arguments) != 2 or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 2
    corpora, output = map(pathlib.Path, arguments)
    reports = corpora / "bounce/mailscanner-reports/common/usr/share/MailScanner/reports"
    templates = corpora / "bounce/tmda-templates/tmda/templates"
    for folder in (reports, templates):
        if not folder.is_dir():
            print(f"{folder} is not there: the first argument is the folder of the corpora", file=sys.stderr)
            return 2
    labels = {}

    def emit(kind, name, data):
        (output / kind).mkdir(parents=True, exist_ok=True)
        (output / kind / f"{name}.eml").write_bytes(data)
        labels[f"{kind}/{name}.eml"] = kind

    mailscanner(reports, emit)
    tmda(templates, emit)
    (output / "labels.json").write_text(json.dumps(labels, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(labels)} messages in {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
