"""This file owns the TLS settings of a test's daemon: an authority, and the pair of files that it serves with."""

import shutil

import setting  # knows where the next one is
from certificates import Authority

assert setting


def live_pair(directory):
    """An authority, and settings that name a certificate and a key which can be replaced while it serves."""
    authority = Authority(directory)
    certificate, key = directory / "live.pem", directory / "live.key"
    for made, live in zip(authority.issue("server"), (certificate, key)):
        shutil.copy(made, live)
    return authority, {"tls_cert_path": str(certificate), "tls_key_path": str(key)}
