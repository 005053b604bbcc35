"""Certificates: each service of a home has one for its own names, from the same authority."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from mingcha.home import tls
from mingcha.home.directory import Home


def test_one_services_certificate_leaves_the_others_alone(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home", environ={})
    desk = tls.certificate(home, "bureau.example", "desk")
    gate = tls.certificate(home, "10.1.2.3", "gate")
    assert desk.authority == gate.authority
    assert "bureau.example" in _names(desk.certificate)
    assert "10.1.2.3" in _names(gate.certificate) and "10.1.2.3" not in _names(desk.certificate)


def test_the_authority_outlives_certificates(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home", environ={})
    first = tls.certificate(home, "127.0.0.1", "desk").authority.read_bytes()
    assert tls.certificate(home, "127.0.0.1", "desk").authority.read_bytes() == first


def _names(file: Path) -> set[str]:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}
