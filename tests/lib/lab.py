# SPDX-License-Identifier: Apache-2.0
"""The laboratory: a process of its own with a network (loopback only) and process tree of its own, in which the tests, the
peers and the gateway live. When it ends, everything that was started in it is gone."""

import os
import shutil
import signal
import sys
import tempfile

from lib import roots, system


def enter():
    """Moves the rest of this program into a laboratory; returns in there. The first process waits and passes on the end."""
    if os.environ.get("ANECHOIC_TEST_NETWORK"):
        return
    try:
        system.unshare(system.CLONE_NEWPID)
    except OSError as error:
        sys.exit(f"the end-to-end tests make namespaces of their own, which is not possible here: {error}")
    roots.CACHE.mkdir(parents=True, exist_ok=True)
    os.environ["ANECHOIC_RUN"] = tempfile.mkdtemp(prefix="run.", dir=roots.CACHE)
    child = os.fork()
    if child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child gets it too, and ends
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if os.environ.get("ANECHOIC_KEEP"):
            print(f"what peers and gateway wrote is in {os.environ['ANECHOIC_RUN']}")
        else:
            shutil.rmtree(os.environ["ANECHOIC_RUN"], ignore_errors=True)
        sys.exit(abs(status))
    system.die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    system.own_mounts()
    system.own_network()
    system.mount("proc", "/proc", "proc")
    os.environ["ANECHOIC_TEST_NETWORK"] = "1"
