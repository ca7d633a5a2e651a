# SPDX-License-Identifier: Apache-2.0
"""Bounces as real mail servers write them, generated: one function a dialect. Written for the tests, from how these
servers word and build their reports; no text of a real message is in it."""

import dataclasses
import email.utils


@dataclasses.dataclass
class Original:
    """The message that is answered."""
    sender: str
    to: str
    subject: str
    message_id: str
    at: float
    body: str = "Hello,\n\nthis is what was written.\n"
    received: str = ""

    def headers(self):
        return (f"{self.received}From: {self.sender}\nTo: {self.to}\nSubject: {self.subject}\n"
                f"Date: {email.utils.formatdate(self.at)}\nMessage-ID: {self.message_id}\nMIME-Version: 1.0\n"
                "Content-Type: text/plain; charset=utf-8\n")

    def whole(self):
        return self.headers() + "\n" + self.body


@dataclasses.dataclass
class Failure:
    """What went wrong with it, and who tells."""
    original: Original
    host: str        # that reports
    code: str        # reply code
    status: str
    text: str        # of the reply
    at: float
    returned: str    # full, headers
    number: int

    def remote(self):
        return f"mx.{self.original.to.split('@')[1]}"


def head(failure, sender, subject, *more):
    lines = [f"From: {sender}", f"To: {failure.original.sender}", f"Subject: {subject}",
             f"Date: {email.utils.formatdate(failure.at)}", f"Message-ID: <b{failure.number}@{failure.host}>", *more]
    return "\n".join(lines) + "\n"


def _returned_part(failure, boundary):
    original = failure.original
    if failure.returned == "full":
        return f"--{boundary}\nContent-Type: message/rfc822\n\n{original.whole()}\n--{boundary}--\n"
    return f"--{boundary}\nContent-Type: text/rfc822-headers\n\n{original.headers()}\n--{boundary}--\n"


def _report(failure, sender, subject, text, *more, diagnostic=None, text_type="text/plain; charset=us-ascii"):
    boundary = f"{failure.number:06X}.{failure.host}"
    return (head(failure, sender, subject, "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
                 f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"', *more)
            + f"\nThis is a MIME-encapsulated message.\n\n--{boundary}\nContent-Type: {text_type}\n\n{text}\n"
            + f"--{boundary}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; {failure.host}\n"
            + f"Arrival-Date: {email.utils.formatdate(failure.original.at)}\n\n"
            + f"Final-Recipient: rfc822; {failure.original.to}\nAction: failed\nStatus: {failure.status}\n"
            + f"Remote-MTA: dns; {failure.remote()}\n"
            + f"Diagnostic-Code: {diagnostic or f'smtp; {failure.code} {failure.status} {failure.text}'}\n\n"
            + _returned_part(failure, boundary))


def postfix(failure):
    to = failure.original.to
    return _report(
        failure, f"MAILER-DAEMON@{failure.host} (Mail Delivery System)", "Undelivered Mail Returned to Sender",
        f"This is the mail system at host {failure.host}.\n\nI'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients. It's attached below.\n\nFor further assistance, please send mail to postmaster.\n\n"
        "If you do so, please include this problem report. You can\ndelete your own text from the attached returned message.\n\n"
        f"                   The mail system\n\n<{to}>: host {failure.remote()}[203.0.113.9] said: {failure.code}\n"
        f"    {failure.status} {failure.text} (in reply to RCPT TO command)\n")


def exim(failure):
    original = failure.original
    copy = original.whole() if failure.returned == "full" else original.headers()
    what = "message, including all the headers" if failure.returned == "full" else "message's headers"
    return (head(failure, f"Mail Delivery System <Mailer-Daemon@{failure.host}>",
                 "Mail delivery failed: returning message to sender", f"X-Failed-Recipients: {original.to}",
                 "Auto-Submitted: auto-replied")
            + "\nThis message was created automatically by mail delivery software.\n\n"
            "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. "
            f"The following address(es) failed:\n\n  {original.to}\n    host {failure.remote()} [203.0.113.9]\n"
            f"    SMTP error from remote mail server after RCPT TO:<{original.to}>:\n    {failure.code} {failure.status} {failure.text}\n\n"
            f"------ This is a copy of the {what}. ------\n\nReturn-path: <{original.sender}>\n{copy}\n")


def exim_report(failure):
    return _report(
        failure, f"Mail Delivery System <Mailer-Daemon@{failure.host}>", "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered "
        f"to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {failure.original.to}\n"
        f"    host {failure.remote()} [203.0.113.9]\n    {failure.code} {failure.status} {failure.text}\n",
        f"X-Failed-Recipients: {failure.original.to}")


def qmail(failure):
    original = failure.original
    return (head(failure, f"MAILER-DAEMON@{failure.host}", "failure notice")
            + f"\nHi. This is the qmail-send program at {failure.host}.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            f"<{original.to}>:\n203.0.113.9 does not like recipient.\nRemote host said: {failure.code} {failure.status} {failure.text}\n"
            f"Giving up on 203.0.113.9.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <{original.sender}>\n"
            + (original.whole() if failure.returned == "full" else original.headers() + "\n"))


def sendmail(failure):
    to = failure.original.to
    return _report(
        failure, f"Mail Delivery Subsystem <MAILER-DAEMON@{failure.host}>", "Returned mail: see transcript for details",
        f"The original message was received at {email.utils.formatdate(failure.original.at)}\nfrom localhost [127.0.0.1]\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{to}>\n    (reason: {failure.code} {failure.status} {failure.text})\n\n"
        f"   ----- Transcript of session follows -----\n... while talking to {failure.remote()}.:\n>>> RCPT To:<{to}>\n"
        f"<<< {failure.code} {failure.status} {failure.text}\n{failure.code} {failure.status} <{to}>... {failure.text}\n")


def sendmail_text(failure):
    original = failure.original
    return (head(failure, f"Mail Delivery Subsystem <MAILER-DAEMON@{failure.host}>", f"Returned mail: {failure.text}")
            + "\n   ----- Transcript of session follows -----\n... while talking to "
            f"{failure.remote()}.:\n>>> RCPT To:<{original.to}>\n<<< {failure.code} {failure.text}\n{failure.code} <{original.to}>... {failure.text}\n\n"
            f"   ----- Unsent message follows -----\nReturn-Path: <{original.sender}>\n"
            + (original.whole() if failure.returned == "full" else original.headers()) + "\n")


def exchange(failure):
    original = failure.original
    boundary = f"_000_{failure.number:06X}_"
    text = (f"Delivery has failed to these recipients or groups:\n\n{original.to}<mailto:{original.to}>\n"
            "The email address you entered couldn't be found. Please check the recipient's email address and try to resend the "
            "message. If the problem continues, please contact your helpdesk.\n\n\nDiagnostic information for administrators:\n\n"
            f"Generating server: {failure.host}\n\n{original.to}\nRemote Server returned '{failure.code} {failure.status} "
            "RESOLVER.ADR.RecipNotFound; not found'\n\nOriginal message headers:\n\n")
    return (head(failure, f"Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{failure.host}>",
                 f"Undeliverable: {original.subject}", "MIME-Version: 1.0",
                 f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"',
                 "Content-Language: en-US", f"In-Reply-To: {original.message_id}", f"References: {original.message_id}",
                 "X-MS-Exchange-Message-Is-Ndr:")
            + f"\n--{boundary}\nContent-Type: text/plain; charset=\"us-ascii\"\n\n{text}{original.headers()}\n"
            f"--{boundary}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;{failure.host}\n\n"
            f"Original-recipient: rfc822;{original.to}\nFinal-recipient: rfc822;{original.to}\nAction: failed\nStatus: {failure.status}\n"
            f"Diagnostic-Code: smtp;{failure.code} {failure.status} RESOLVER.ADR.RecipNotFound; not found\n"
            f"X-Display-Name: {original.to}\n\n" + _returned_part(failure, boundary))


def outlook_text(failure):
    """Exchange 5.5 to 2003: words, and a report whose third part has the headers."""
    original = failure.original
    return _report(
        failure, f"System Administrator <postmaster@{failure.host}>", f"Undeliverable: {original.subject}",
        "Your message\n\n"
        f"  To:      {original.to}\n  Subject: {original.subject}\n  Sent:    {email.utils.formatdate(original.at)}\n\n"
        f"did not reach the following recipient(s):\n\n{original.to} on {email.utils.formatdate(failure.at)}\n"
        "    The e-mail account does not exist at the organization this message\n    was sent to.  Check the e-mail address, or contact\n"
        f"    the recipient directly to find out the correct address.\n    <{failure.host} #{failure.status}>\n",
        "X-MS-Embedded-Report: ", diagnostic=f"smtp;{failure.code} {failure.status} User unknown")


def gmail(failure):
    to = failure.original.to
    return _report(
        failure, f"Mail Delivery Subsystem <mailer-daemon@{failure.host}>", "Delivery Status Notification (Failure)",
        f"** Address not found **\n\nYour message wasn't delivered to {to} because the address couldn't be found, or is unable to "
        f"receive mail.\n\nThe response from the remote server was:\n{failure.code} {failure.status} {failure.text}\n",
        f"X-Failed-Recipients: {to}", f"In-Reply-To: {failure.original.message_id}", f"References: {failure.original.message_id}")


def domino(failure):
    original = failure.original
    return _report(
        failure, f"postmaster@{failure.host}", f"DELIVERY FAILURE: {failure.text}",
        f"Your message\n\n  Subject: {original.subject}\n\nwas not delivered to:\n\n  {original.to}\n\nbecause:\n\n  {failure.text}\n")


DIALECTS = (postfix, exim, exim_report, qmail, sendmail, sendmail_text, exchange, outlook_text, gmail, domino)
