# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates of https bindings, and the authorities that a host trusts.

Windows keeps both in its certificate stores. Here the folder `certificates` has `<port>.pem` for each https binding, and trusted
authorities lie where Mono looks for them below HOME, which is the host's folder.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KINDS = ("trusted", "untrusted", "wrong_name", "expired")
"""What can be told about the certificate of a binding."""

_TRUSTED = Path(".config/.mono/new-certs/Trust")
_WRONG_NAME = "other.example.com"


def install_certificate(host_folder: Path, port: int, name: str, kind: str) -> None:
    """A certificate for a port, issued for ``name`` by an authority made for it, which the host trusts unless it shall not."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = f"stand-in authority {port}"
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, authority)])
    if kind != "untrusted":
        _trust(
            host_folder, authority, _sign(authority, issuer, authority_key, authority_key, days=30, is_authority=True)
        )
    shown = _WRONG_NAME if kind == "wrong_name" else name
    certificate = _sign(shown, issuer, key, authority_key, days=-1 if kind == "expired" else 30, is_authority=False)
    file = certificate_file(host_folder, port)
    file.parent.mkdir(exist_ok=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)


def certificate_file(host_folder: Path, port: int) -> Path:
    return host_folder / "certificates" / f"{port}.pem"


def _trust(host_folder: Path, name: str, authority: x509.Certificate) -> None:
    folder = host_folder / _TRUSTED
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{_subject_hash(name)}.0").write_bytes(authority.public_bytes(serialization.Encoding.PEM))


def _sign(
    name: str,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signed_by: ec.EllipticCurvePrivateKey,
    days: int,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signed_by, hashes.SHA256())


def _subject_hash(name: str) -> str:
    """The file name by which OpenSSL finds an authority: SHA-1 of its name's canonical form, here of one lower-case CN."""
    value = b"\x06\x03\x55\x04\x03" + _tagged(0x0C, name.encode())
    digest = hashlib.sha1(_tagged(0x31, _tagged(0x30, value)), usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content
