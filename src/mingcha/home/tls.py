"""Certificates for services that other machines reach, from an authority of the home's own (DECISIONS 28)."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mingcha.home.directory import Home


@dataclass(frozen=True)
class Files:
    """Where the authority's certificate, the server's certificate chain and the server's key are."""

    authority: Path
    certificate: Path
    key: Path


def own_names(host: str) -> tuple[str, ...]:
    """Names and addresses by which this machine may be called when bound to `host`."""
    if host not in ("0.0.0.0", "::"):
        return (host,)
    found = {a.address.partition("%")[0] for many in psutil.net_if_addrs().values() for a in many
             if a.family in (socket.AF_INET, socket.AF_INET6)}  # fmt: skip
    return tuple(sorted({socket.gethostname(), *(f"[{one}]" if ":" in one else one for one in found)}))


def certificate(home: Home, host: str, service: str) -> Files:
    """A service's certificate for this machine's names, valid 397 days, made anew at each of its starts.

    The authority stays ten years; browsers trust it once `authority.pem` is installed on their machines. Each service
    has a file of its own, since they may answer under different names.
    """
    folder = home.path / "secrets" / "tls"
    folder.mkdir(mode=0o700, exist_ok=True)
    files = Files(folder / "authority.pem", folder / f"{service}.pem", folder / f"{service}-key.pem")
    authority_key = _key(folder / "authority-key.pem")
    if not files.authority.exists():
        _write(files.authority, _authority(home, authority_key).public_bytes(serialization.Encoding.PEM))
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    server_key = _key(files.key)
    server = _sign(authority, authority_key, server_key, ("localhost", "127.0.0.1", *own_names(host)), service)
    _write(files.certificate, server.public_bytes(serialization.Encoding.PEM) + files.authority.read_bytes())
    return files


def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    if not file.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        plain = serialization.NoEncryption()
        _write(file, made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    loaded = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return loaded


def _authority(home: Home, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Mingcha {home.id[:8]}")])
    return (
        _builder(name, name, key, 3650)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )


def _sign(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...], service: str,
) -> x509.Certificate:  # fmt: skip
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Mingcha {service}")])
    return (
        _builder(name, authority.subject, key, 397)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return x509.DNSName(name)


def _write(file: Path, content: bytes) -> None:
    draft = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as handle:
        handle.write(content)
    draft.replace(file)
