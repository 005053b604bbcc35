"""Amounts of money in capital Chinese figures (人民币大写), as documents of payment write them."""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
MOST = 10**16 * 100 - 1
"""The largest amount there are words for, in fen: below ten thousand 万亿 yuan."""


def capital(fen: int) -> str:
    """The amount in words, as 壹万零伍拾元叁角整; ValueError for a negative one or one beyond MOST.

    A zero between figures is said once; 整 follows yuan or jiao, never fen.
    """
    if not 0 <= fen <= MOST:
        raise ValueError(f"no words for {fen} fen")
    yuan, rest = divmod(fen, 100)
    jiao, left = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{whole or '零元'}整"
    if not jiao:
        return f"{whole}零{DIGITS[left]}分" if whole else f"{DIGITS[left]}分"
    said = f"{whole}{DIGITS[jiao]}角"
    return f"{said}{DIGITS[left]}分" if left else f"{said}整"


def _whole(yuan: int) -> str:
    said, pending = "", False
    for n in range(len(_GROUPS) - 1, -1, -1):
        group = yuan // 10_000**n % 10_000
        for place in range(3, -1, -1):
            digit = group // 10**place % 10
            if digit:
                said += ("零" if pending and said else "") + DIGITS[digit] + _PLACES[place]
            pending = not digit if digit == 0 else False
        if group:
            said += _GROUPS[n]
    return said
