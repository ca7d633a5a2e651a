# SPDX-License-Identifier: Apache-2.0
"""The servers of bench/gateway, all with the same recipients and with limits and sleeps off (RULES R28).

Each `start_*` returns a Server that listens. Everything runs in the network of the caller, on 127.0.0.1, each on its own port.
"""
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENTER = ROOT / "tests/peers/enter"
DOMAIN = "example.org"
KNOWN = 1000  # user1 ... user1000
SINK, GATEWAY, POSTFIX, HARAKA = 2500, 2525, 2526, 2527
HTTP = 8025  # of the gateway on GATEWAY; one further for each port further
DNS = "127.0.0.53"


class BenchError(Exception):
    """A server can't be started; the text says what to do."""


class Server:
    def __init__(self, name, port, command, log, **more):
        self.name, self.port, self.log = name, port, log
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=open(log, "ab"), stderr=subprocess.STDOUT,
                                        start_new_session=True, **more)
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
                    connection.settimeout(5)
                    if connection.recv(4).startswith(b"220"):
                        connection.sendall(b"QUIT\r\n")
                        return
            except OSError:
                pass
            time.sleep(0.1)
        tail = self.log.read_text(errors="replace")[-2000:]
        self.stop()
        raise BenchError(f"{self.name} does not answer on port {self.port}; the end of {self.log}:\n{tail}")

    def stop(self):
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, wanted)
                self.process.wait(15)
                return
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def metric(self, series):
        """Of the gateway; 0 if it is not there."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + HTTP - GATEWAY}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(series + " ")), 0)

    def cpu_seconds(self):
        """Of this process alone (the gateway is one process; Postfix is not)."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise BenchError(f"{self.name} has ended")


def postfix_root():
    """The unpacked root that tests/peers made: smtp-sink and smtp-source are run from it too."""
    done = subprocess.run([ENTER, "postfix", "--fetch"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"tests/peers/enter postfix --fetch failed:\n{done.stderr}")
    return done.stdout.strip().splitlines()[-1]


def recipients():
    return [f"user{number}@{DOMAIN}" for number in range(1, KNOWN + 1)] + [f"postmaster@{DOMAIN}"]


def start_sink(root, folder):
    command = ["chroot", root, "smtp-sink", "-u", "nobody", "-m", "2000", f"127.0.0.1:{SINK}", "1024"]
    return Server("smtp-sink", SINK, command, folder / "sink.log")


def raise_descriptors():
    """To the hard limit, which may not be raised everywhere."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def start_gateway(binary, folder, certificate=None, port=GATEWAY, checks=False):
    state = folder / "anechoic"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    (state / "recipients").write_text("\n".join(recipients()) + "\n")
    tls = f'tls_certificate = "{certificate[0]}"\ntls_key = "{certificate[1]}"' if certificate else ""
    (state / "anechoic.toml").write_text(f"""
hostname = "gateway.test"
state_dir = "{state}/state"
[inbound]
listen = ["127.0.0.1:{port}"]
{tls}
[inbound.limits]
connections = 50000
connections_per_address = 50000
hard_errors = 100000
junk_commands = 100000
[inbound.timeouts]
command = "10m"
[backend.main]
to = ["smtp://127.0.0.1:{SINK}"]
tls = "never"
identity = "xforward"
pool = 50
[recipients.people]
file = "{state}/recipients"
canary = "postmaster@{DOMAIN}"
mode = "550"
[domain."{DOMAIN}"]
backend = "main"
recipients = ["people"]
[auth]
checks = {"true" if checks else "false"}
[dns]
servers = ["{DNS}:53"]
[journal]
size = "256M"
[log]
file = "{state}/log"
[http]
listen = "127.0.0.1:{port + HTTP - GATEWAY}"
""")
    (state / "state").mkdir()
    return Server("anechoic", port, [binary, "run", "-c", state / "anechoic.toml"], folder / "anechoic.log",
                  preexec_fn=raise_descriptors)


def sender_dns(folder):
    """A name server for the sender of smtp-source, and a message of 4 KB that it has signed."""
    sys.path.insert(0, str(ROOT / "tests"))
    from lib.sender_dns import SenderDns  # noqa: PLC0415
    key = folder / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout"], check=True, capture_output=True, text=True).stdout
    body = "".join(f"line {number:04} of a message of four kilobytes, to be signed\r\n" for number in range(66))
    content = ("From: <newsletter@source.test>\r\nTo: <user1@example.org>\r\nSubject: a message\r\n"
               f"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@source.test>\r\n\r\n{body}").encode()
    signed = subprocess.run(["/usr/bin/python3", ROOT / "tests/lib/dkim_sign.py", key, "s1", "source.test"], input=content,
                            check=True, capture_output=True).stdout
    dns = SenderDns(DNS, {"source.test": "v=spf1 ip4:127.0.0.1 -all", "_dmarc.source.test": "v=DMARC1; p=reject",
                          "s1._domainkey.source.test": "v=DKIM1; k=rsa; p=" + "".join(public.split("\n")[1:-2])})
    return dns, signed


def journal_bytes(folder):
    state = folder / "anechoic/state"
    return sum(path.stat().st_size for path in state.rglob("*") if path.is_file() and "journal" in str(path.relative_to(state)))


POSTFIX_SCRIPT = r"""
set -e
cd /etc/postfix
cat > main.cf <<END
compatibility_level = 3.6
myhostname = postfix.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks =
alias_maps =
relay_domains = DOMAIN
relay_recipient_maps = hash:/etc/postfix/known
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000000000
smtpd_hard_error_limit = 1000000000
smtpd_junk_command_limit = 1000000000
smtpd_client_connection_count_limit = 0
smtpd_client_event_limit_exceptions =
default_process_limit = 200
maillog_file = /run/peer/log
maillog_file_prefixes = /run
END
cat > master.cf <<END
127.0.0.1:PORT inet n - n - 200 smtpd
    -o smtpd_proxy_filter=inet:127.0.0.1:SINK
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
END
cp /run/peer/known known
postmap hash:known
chown postfix /var/lib/postfix
chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
chmod g+s /usr/sbin/postdrop /usr/sbin/postqueue
postfix check
exec /usr/lib/postfix/sbin/master -d
"""


def start_postfix(folder):
    run = folder / "postfix"
    shutil.rmtree(run, ignore_errors=True)
    (run / "out").mkdir(parents=True)
    (run / "out/known").write_text("".join(f"{address} OK\n" for address in recipients()))
    script = POSTFIX_SCRIPT.replace("PORT", str(POSTFIX)).replace("SINK", str(SINK)).replace("DOMAIN", DOMAIN)
    command = [ENTER, "--network", "here", "--run", run, "postfix", "--", "/bin/bash", "-c", script]
    return Server("postfix", POSTFIX, command, folder / "postfix.log")


def install_haraka(folder):
    """By npm, into build/bench; dated, because the newest may ask for packages that the mirror lacks."""
    home = folder / "haraka-npm"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "node_modules/Haraka").exists():
        (home / "package.json").write_text('{"private": true}\n')
        command = ["npm", "install", "--before", "2026-06-01", "--no-audit", "--no-fund", "--omit=dev", "--omit=optional", "Haraka"]
        subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=180, check=False)


def start_haraka(folder):
    home = folder / "haraka-npm"
    if not (home / "node_modules/Haraka").exists():
        raise BenchError("npm did not install it")
    config = folder / "haraka"
    shutil.rmtree(config, ignore_errors=True)
    (config / "config").mkdir(parents=True)
    (config / "plugins").mkdir()
    (config / "queue").mkdir()
    for name, text in {
            "smtp.ini": f"listen=127.0.0.1:{HARAKA}\nnodes=cpus\n", "plugins": "recipients\nqueue/smtp_proxy\n", "me": "haraka.test\n",
            "log.ini": "[main]\nlevel=info\n", "smtp_proxy.ini": f"enable_outbound=false\nhost=127.0.0.1\nport={SINK}\nmax_connections=1000\n",
            "connection.ini": (home / "node_modules/Haraka/config/connection.ini").read_text(), "known": "\n".join(recipients()) + "\n"}.items():
        (config / "config" / name).write_text(text)
    (config / "plugins/recipients.js").write_text(
        "'use strict';\nlet known;\nexports.register = function () { known = new Set(this.config.get('known', 'list')); };\n"
        "exports.hook_rcpt = (next, connection, params) =>\n"
        "    known.has(params[0].address.toLowerCase()) ? next(OK) : next(DENY, 'no such user');\n")
    return Server("haraka", HARAKA, ["node", home / "node_modules/Haraka/bin/haraka", "-c", config], folder / "haraka.log")
