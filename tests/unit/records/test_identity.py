"""People as tokens: the same number the same token, details sealed, collisions told apart, erasure final."""

import pyarrow as pa
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records import identity, seal
from mingcha.records.seal import Blinder, Sealer
from mingcha.terms.errors import PlatformError

pytestmark = pytest.mark.slow


def test_sm3_and_sm4_are_the_published_ones() -> None:
    """GB/T 32905 "abc" through HMAC of RFC-style padding is checked by hand; GB/T 32907's block through SM4 itself."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.hashes import SM3, Hash

    told = Hash(SM3())
    told.update(b"abc")
    assert told.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    box = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()
    assert box.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sealed_text_opens_only_where_it_belongs() -> None:
    sealer = Sealer(b"k" * 16)
    sealed = sealer.seal("张三".encode(), b"1")
    assert sealer.open(sealed, b"1").decode() == "张三" and "张三".encode() not in sealed
    with pytest.raises(PlatformError):
        sealer.open(sealed, b"2")
    for cut in (b"", sealed[:1], sealed[:27], sealed[:-1]):
        with pytest.raises(PlatformError):
            sealer.open(cut, b"1")


def test_tokens_are_in_order_stable_and_positive(running: Home) -> None:
    numbers = pa.array(["A1", None, "A2", "A1"])
    first, again = identity.tokens(running, numbers), identity.tokens(running, pa.chunked_array([numbers, numbers]))
    assert first.null_count == 1 and first[0] == first[3] != first[2] and min(first.drop_null().to_pylist()) >= 0
    assert again.to_pylist() == first.to_pylist() * 2
    assert identity.numbers(running, first.drop_null().to_pylist()) == {first[0].as_py(): "A1", first[2].as_py(): "A2"}


def test_details_add_up_and_the_last_one_counts(running: Home) -> None:
    def tell(**details: list[str | None]) -> dict[str, str]:
        told = {name: pa.array(values, pa.string()) for name, values in details.items()}
        token = identity.tokens(running, pa.array(["B1", "B1"]), told)[0].as_py()
        return identity.known(running, [token])[token]

    assert tell(person_name=["张三", None]) == {"number": "B1", "person_name": "张三"}
    assert tell(phone=["1", "2"]) == {"number": "B1", "person_name": "张三", "phone": "2"}
    assert tell(person_name=[None, "张叁"])["person_name"] == "张叁"


def test_nothing_readable_is_stored(running: Home) -> None:
    identity.tokens(running, pa.array(["C-secret-1"]), {"person_name": pa.array(["可读的名字"])})
    with connect(running) as pg:
        rows = pg.execute("SELECT sealed, blind FROM facts.identity").fetchall()
    stored = b"".join(bytes(value) for row in rows for value in row)
    assert b"C-secret-1" not in stored and "可读的名字".encode() not in stored


def test_a_person_is_found_by_person_or_identity_number_and_can_be_erased(running: Home) -> None:
    token = identity.tokens(running, pa.array(["D1"]), {"id_number": pa.array(["330102199001011233"])})[0].as_py()
    assert identity.find(running, "D1") == identity.find(running, "330102199001011233") == [token]
    assert identity.erase(running, token) and not identity.erase(running, token)
    assert identity.find(running, "D1") == [] and identity.known(running, [token]) == {}


def test_details_are_seen_by_the_fund_area_only(running: Home) -> None:
    area = pa.array(["330199"])
    token = identity.tokens(running, pa.array(["E1"]), fund_area=area)[0].as_py()
    with connect(running, "app") as app:
        for scope, seen in (("330199", [token]), ("330198", [])):
            with app.transaction():
                app.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
                assert list(identity.unsealed(running, app, [token])) == seen


def test_numbers_that_share_a_token_are_told_apart(running: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blind index whose first 63 bits are the same for all: the second number takes the next counter."""
    real = Blinder.__call__

    def colliding(self: Blinder, text: str) -> bytes:
        told = real(self, text)
        return told if "\x1f" in text else b"\x00" * 8 + told[8:]

    monkeypatch.setattr(seal.Blinder, "__call__", colliding)
    one, two, three = identity.tokens(running, pa.array(["F1", "F2", "F3"])).to_pylist()
    assert len({one, two, three}) == 3
    assert identity.tokens(running, pa.array(["F2", "F1"])).to_pylist() == [two, one]
    assert identity.numbers(running, [one, two, three]) == {one: "F1", two: "F2", three: "F3"}


def test_other_keys_open_nothing_and_add_nobody(home: Home) -> None:
    token = identity.tokens(home, pa.array(["G1"]))[0].as_py()
    (home.path / "secrets" / "keys.json").unlink()
    home.secrets.create(home.path / "secrets")
    for attempt in (lambda: identity.tokens(home, pa.array(["G1"])), lambda: identity.known(home, [token])):
        with pytest.raises(PlatformError, match="secrets"):
            attempt()
