"""Amounts in capital figures: the zeros, the ends, and that the words say the amount."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.terms.capital import DIGITS, MOST, capital

WORDS = [
    (0, "零元整"), (1, "壹分"), (10, "壹角整"), (105, "壹元零伍分"), (100, "壹元整"), (1_000, "壹拾元整"),
    (101_000, "壹仟零壹拾元整"), (10_005_000, "壹拾万零伍拾元整"), (1_000_000, "壹万元整"),
    (10_000_000_100, "壹亿零壹元整"), (123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
]  # fmt: skip


@pytest.mark.parametrize(("fen", "words"), WORDS)
def test_words_of_an_amount(fen: int, words: str) -> None:
    assert capital(fen) == words


def _said(words: str) -> int:
    """What the words come to, read back by the places they name."""
    places = {"拾": 10, "佰": 100, "仟": 1000}
    yuan, small = (words.partition("元")[::2]) if "元" in words else ("", words)
    whole = 0
    for size, group in _groups(yuan):
        value = digit = 0
        for sign in group:
            if sign in DIGITS:
                digit = DIGITS.index(sign)
            elif sign in places:
                value, digit = value + digit * places[sign], 0
        whole += (value + digit) * size
    fen = digit = 0
    for sign in small:
        digit = DIGITS.index(sign) if sign in DIGITS else digit
        fen += digit * {"角": 10, "分": 1}.get(sign, 0)
    return whole * 100 + fen


def _groups(yuan: str) -> list[tuple[int, str]]:
    found = []
    for name, size in (("万亿", 10**12), ("亿", 10**8), ("万", 10**4)):
        if name in yuan:
            group, _, yuan = yuan.partition(name)
            found.append((size, group))
    return [*found, (1, yuan)]


@given(st.one_of(st.integers(0, 10**9), st.integers(0, 10**13)))
def test_the_words_say_the_amount(fen: int) -> None:
    words = capital(fen)
    assert _said(words) == fen, words
    assert "零零" not in words


@pytest.mark.parametrize("fen", [-1, MOST + 1])
def test_no_words_beyond_the_ends(fen: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        capital(fen)
