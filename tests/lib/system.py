# SPDX-License-Identifier: Apache-2.0
"""Namespaces, mounts and the loopback interface, by the kernel's own calls (no tool needed)."""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags):
    _checked(_libc.unshare(flags), "unshare (are you root?)")


def mount(source, target, kind=None, flags=0, data=None):
    encode = lambda text: None if text is None else str(text).encode()
    _checked(_libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(data)),
             f"mount {kind or 'bind'} on {target}")


def own_mounts():
    """A mount namespace of this process's own: nothing mounted here is seen outside."""
    unshare(CLONE_NEWNS)
    try:
        mount("none", "/", None, MS_REC | MS_PRIVATE)
    except OSError:  # in a chroot "/" may be no mount point; it is made one, and entered
        mount("/", "/", None, MS_BIND | MS_REC)
        os.chdir("/..")
        os.chroot(".")
        mount("none", "/", None, MS_REC | MS_PRIVATE)


def own_network():
    """An empty network of this process's own, with the loopback interface up: 127.0.0.0/8 and ::1 are all there is."""
    unshare(CLONE_NEWNET)
    loopback_up()


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags, = struct.unpack("16xh14x", fcntl.ioctl(control, 0x8913, request))  # SIOCGIFFLAGS
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))    # SIOCSIFFLAGS, IFF_UP


def loopback_address(address):
    """Gives the loopback interface another address (127.0.0.x can be used without, but some servers look for theirs)."""
    if address == "127.0.0.1":
        return
    label = f"lo:{address.split('.', 1)[1]}".replace(".", "")[:15].encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sHH4s8x", label, socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(control, 0x8916, request)  # SIOCSIFADDR


def die_with_parent():
    """The kernel kills this process when the one that started it ends."""
    _libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
