# SPDX-License-Identifier: Apache-2.0
"""Root folders made of Debian's packages: each real server lives in one of its own.

A root is the dependency closure of a few packages, downloaded by apt and unpacked; no maintainer script runs and the
machine's own packages are neither used nor touched. Unpacked roots are kept under build/peers and are only read
afterwards: what a server writes goes into an overlay on top (or, where overlays cannot be mounted, into a copy).
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from lib import system

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("ANECHOIC_PEERS_CACHE", SOURCE / "build" / "peers"))

# The servers' users; none of them exists outside their roots.
USERS = {"postfix": 5001, "Debian-exim": 5003, "dovecot": 5004, "dovenull": 5005, "vmail": 5006}
GROUPS = {"postdrop": 5002}

# What every root has besides: a shell and the tools that the servers' scripts call.
BASE = ["base-files", "base-passwd", "bash", "coreutils", "dash", "findutils", "grep", "hostname", "mawk", "netbase", "procps", "sed"]


def run_folder(name):
    """A new folder for what a server or a test writes; the laboratory removes it at its end."""
    return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}.", dir=os.environ.get("ANECHOIC_RUN", CACHE)))


class PeerError(Exception):
    """A root cannot be made; the text says what to do."""


def _end_of(text, most=20):
    """The last lines: a mirror that is not there is told once for each package."""
    lines = text.strip().splitlines()
    left = [f"({len(lines) - most} lines before these)"] if len(lines) > most else []
    return "\n".join(left + lines[-most:])


def _apt(status, archives, *arguments):
    return ["apt-get", "-y", "-q", "--no-install-recommends", "-o", f"Dir::State::status={status}",
            "-o", f"Dir::Cache::archives={archives}", "-o", "APT::Sandbox::User=root",
            "-o", "Debug::NoLocking=true", *arguments]


def _download(packages, archives):
    """Downloads the closure of the packages, as if nothing were installed; returns the .deb files."""
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile() as status:
        fetch = _apt(status.name, archives, "--download-only", "install", *packages)
        log = subprocess.run(fetch, capture_output=True, text=True)
        if log.returncode != 0:  # no package lists yet, or too old ones
            subprocess.run(["apt-get", "-q", "update"], capture_output=True)
            log = subprocess.run(fetch, capture_output=True, text=True)
        if log.returncode != 0:
            raise PeerError(f"apt-get cannot download {' '.join(packages)}:\n{_end_of(log.stderr)}\n"
                            "The tests need Debian 12's package mirror (or a filled build/peers).")
        listed = subprocess.run(_apt(status.name, archives, "--simulate", "install", *packages),
                                capture_output=True, text=True, check=True).stdout
    names = {line.split()[1].split(":")[0] for line in listed.splitlines() if line.startswith("Inst ")}
    return sorted(file for file in archives.glob("*.deb") if file.name.split("_")[0] in names)


def _unpack(files, root):
    root.mkdir()
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")
    for file in files:
        unpacked = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", file], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", root], stdin=unpacked.stdout, check=True)
        if unpacked.wait() != 0:
            raise PeerError(f"{file} is damaged; remove it and try again")


def _finish(root):
    """What the packages' maintainer scripts would have done: the users, and the names of shell and awk."""
    for name, target in (("sh", "dash"), ("awk", "mawk")):
        (root / "usr/bin" / name).unlink(missing_ok=True)
        (root / "usr/bin" / name).symlink_to(target)
    master = root / "usr/share/base-passwd"
    passwd = (master / "passwd.master").read_text()
    group = (master / "group.master").read_text()
    passwd += "".join(f"{name}:x:{number}:{number}::/nonexistent:/bin/false\n" for name, number in USERS.items())
    group += "".join(f"{name}:x:{number}:\n" for name, number in {**USERS, **GROUPS}.items())
    (root / "etc/passwd").write_text(passwd)
    (root / "etc/group").write_text(group)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")


def prepare(name, packages):
    """The unpacked root of a peer; made on the first call, which needs the package mirror."""
    root = CACHE / "roots" / name
    stamp = root.with_suffix(".packages")
    wanted = " ".join(BASE + packages)
    (CACHE / "roots").mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == wanted:
            return root
        for tool in ("apt-get", "dpkg-deb", "tar"):
            if not shutil.which(tool):
                raise PeerError(f"{tool} is missing: the peers are real servers from Debian's packages")
        print(f"peers: downloading and unpacking {' '.join(packages)}", file=sys.stderr, flush=True)
        files = _download(BASE + packages, CACHE / "archives")
        shutil.rmtree(root, ignore_errors=True)
        making = root.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        _unpack(files, making)
        _finish(making)
        making.rename(root)
        stamp.write_text(wanted)
    return root


def mount_root(lower, run):
    """A writable root over `lower`, in this process's mount namespace; returns where, and how it was made."""
    top = run / "root"
    for folder in (top, run / "upper", run / "work"):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        system.mount("overlay", top, "overlay", 0, f"lowerdir={lower},upperdir={run}/upper,workdir={run}/work")
        how = "overlay"
    except OSError as error:
        print(f"peers: no overlay here ({error}); using a copied root", file=sys.stderr, flush=True)
        if not (top / "etc").exists():
            subprocess.run(["cp", "-a", "--reflink=auto", f"{lower}/.", top], check=True)
        system.mount(top, top, None, system.MS_BIND)
        how = "copy"
    for folder, flags in (("proc", system.MS_REC), ("dev", 0)):
        (top / folder).mkdir(exist_ok=True)
        system.mount(f"/{folder}", top / folder, None, system.MS_BIND | flags)
    return top, how
