# SPDX-License-Identifier: Apache-2.0
"""What this machine can do, to stand beside absolute figures: CPU, OpenSSL, fsync, and which commit was measured."""
import os
import pathlib
import platform
import re
import subprocess
import time


def openssl(*arguments):
    return subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", *arguments], capture_output=True, text=True, check=False).stdout


def fsyncs_a_second(folder, seconds=2.0):
    """4 KiB appended and synced, one after the other, in the folder where the gateway's state lies."""
    path = folder / "fsync.tmp"
    count, start = 0, time.monotonic()
    with open(path, "wb", buffering=0) as file:
        while time.monotonic() - start < seconds:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return round(count / (time.monotonic() - start))


def cpu_model():
    found = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.processor()


def filesystem(folder):
    return subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=False).stdout.strip()


def describe(root, folder):
    rsa = re.search(r"^\+F2:\d+:2048:([\d.]+):([\d.]+)", openssl("rsa2048"), re.M)
    sha = re.search(r"^\+F:\d+:sha256:([\d.]+)", openssl("-bytes", "4096", "sha256"), re.M)
    git = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "commit": git or "?",
        "day": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "filesystem": filesystem(folder),
        "rsa2048_verify_per_second": round(float(rsa[2])) if rsa else None,
        "sha256_4k_megabytes_per_second": round(float(sha[1]) / 1e6) if sha else None,
        "fsync_per_second": fsyncs_a_second(folder),
    }
