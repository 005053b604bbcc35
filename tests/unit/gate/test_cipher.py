"""Signed and encrypted messages: the standard's own example, and what is wrong with others is said."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gmalg import SM2, SM4

from mingcha.gate.cipher import encrypted
from mingcha.gate.service import Gate
from mingcha.knowledge.bundle import Secrecy, publish
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack
from mingcha.records import sm2
from mingcha.records.spool import texts
from tests.gate import PROVIDER, ask, message, published

CLIENT = "client-0123456789"[:16]
PAIR = SM2().generate_keypair()
PUBLIC = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
"""The example of GB/T 32918.5, annex A."""
SIGNED = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)


def test_the_standards_example_verifies_and_nothing_like_it() -> None:
    key, user, text = sm2.public_key(PUBLIC), b"1234567812345678", b"message digest"
    assert sm2.verify(key, user, text, SIGNED)
    for other in ((b"1234567812345679", text, SIGNED), (user, b"message digesu", SIGNED), (user, text, SIGNED[::-1]),
                  (user, text, b""), (user, text, bytes(64)), (user, text, SIGNED[:63]), (user, text, b"\x30\x02\x02")):  # fmt: skip
        assert not sm2.verify(key, *other)


@pytest.mark.parametrize("text", ["", "04", PUBLIC[:-2], PUBLIC[:-2] + "14", "zz" * 64, "00" * 64])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"curve|hexadecimal"):
        sm2.public_key(text)


def test_our_signature_is_another_librarys_too() -> None:
    secret, public = PAIR
    signature = sm2.sign(int.from_bytes(secret, "big"), CLIENT.encode(), b"text")
    assert SM2(None, CLIENT.encode(), public).verify(b"text", signature[:32], signature[32:])


def test_encryption_is_another_librarys_too() -> None:
    box = SM4(CLIENT.encode())
    assert base64.b64decode(encrypted(b"0123456789abcde", CLIENT)) == box.encrypt(b"0123456789abcde\x01")


@pytest.fixture(scope="module")
def gate(national: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    home = published(tmp_path_factory.mktemp("cipher") / "home", national)
    secrecy = {PROVIDER: Secrecy(CLIENT, PAIR[1].hex(), encrypted=True), "H2": Secrecy(CLIENT, PAIR[1].hex())}
    publish(home, Library.of(national), "2026-01-02", (), {}, (), secrecy)
    gate = Gate(home, limit=30)
    yield gate
    gate.close()


def wrapped(told: dict[str, Any], encrypt: bool = True) -> dict[str, Any]:
    """The message as a provider's system that signs, and encrypts, would send it."""
    plain = json.dumps(told["input"], ensure_ascii=False).encode()
    r, s = SM2(PAIR[0], CLIENT.encode(), PAIR[1]).sign(plain)
    cainfo = base64.b64encode(r + s).decode()
    sent = told | {"cainfo": cainfo, "signtype": "SM2"}
    return sent | {"input": encrypted(plain, CLIENT), "enc_type": "SM4"} if encrypt else sent


@pytest.mark.slow
def test_an_encrypted_message_is_judged_and_its_answer_encrypted(gate: Gate) -> None:
    answer = ask(gate, "3101", wrapped(message(number="E1")))
    assert answer["infcode"] == 0 and answer["enctype"] == "SM4"
    output = json.loads(SM4_opened(answer["output"]))
    assert output["exp_content"]["checks"] > 50


def SM4_opened(text: str) -> bytes:
    """What the provider's system reads, by another library."""
    sealed, box = base64.b64decode(text), SM4(CLIENT.encode())
    plain = b"".join(box.decrypt(sealed[at : at + 16]) for at in range(0, len(sealed), 16))
    return plain[: -plain[-1]]


@pytest.mark.slow
def test_a_signed_message_may_be_plain(gate: Gate) -> None:
    told = message(number="E2") | {"fixmedins_code": "H2"}
    sent = wrapped(told, encrypt=False)
    body = json.dumps(sent, ensure_ascii=False).encode()
    assert ask(gate, "3101", body)["infcode"] == 0
    assert "签名" in ask(gate, "3101", body.replace(b"2026-03-10 09:20", b"2026-03-11 09:20"))["err_msg"]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "says"), [
    ({"input": "QUJD"}, "解不开"), ({"input": "no base64"}, "解不开"), ({"input": {"data": {}}}, "SM4"), ({"input": ""}, "解不开"),
    ({"cainfo": ""}, "签名"), ({"cainfo": "!!"}, "签名"), ({"cainfo": "QUJD"}, "签名"), ({"input": encrypted(b"[1", CLIENT)}, "签名"),
    ({"input": encrypted(b'{"data": {}}', "another-number-16"[:16])}, "解不开"),
])  # fmt: skip
def test_what_is_wrong_with_it_is_said(gate: Gate, change: dict[str, Any], says: str) -> None:
    told = ask(gate, "3101", wrapped(message(number=f"W{says}")) | change)
    assert told["infcode"] == -1 and says in told["err_msg"]


@pytest.mark.slow
def test_what_is_taken_in_lies_there_sealed_by_us_and_plain_below(gate: Gate, tmp_path: Path) -> None:
    told = message("2204", "E3") | {"input": {"feedetail": [{"feedetl_sn": "F1"}]}}
    assert ask(gate, "2204", wrapped(told))["infcode"] == 0
    from mingcha.records.collecting import _found, _read  # what a collection would read
    from mingcha.records.taken import folder

    (path,) = folder(gate.home).glob("*.open")
    assert b"feedetail" not in b"".join(texts(path))
    (taken,) = _read(path)
    assert _found(gate.home, taken).document["message"]["input"] == {"feedetail": [{"feedetl_sn": "F1"}]}
