# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made anew each time by the openssl tool."""

import subprocess

from lib import roots


def certificate(name, address):
    """A self-signed certificate and its key; the paths of the two PEM files."""
    folder = roots.run_folder("pki")
    chain, key = f"{folder}/chain.pem", f"{folder}/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:{address}", "-keyout", key,
                    "-out", chain], check=True, capture_output=True)
    return chain, key
