"""How text becomes a typed value: DuckDB macros, one per type of the contract. Null means missing or unreadable."""

from __future__ import annotations

import duckdb

from mingcha.records.contract import Type
from mingcha.records.readers.piece import MISSING
from mingcha.records.spellings import CODES

YES = ("1", "是", "true", "t", "y", "yes", "有", "√", "01")
NO = ("0", "否", "false", "f", "n", "no", "无", "×", "00")

_HALF = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-+/:"
_WIDE = "".join(chr(ord(mark) + 0xFEE0) for mark in _HALF)

_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M",
    "%Y-%m-%dT%H:%M:%S", "%Y.%m.%d", "%Y.%m.%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f",
    "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日%H时%M分%S秒", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H时%M分", "%Y年%m月%d日%H时%M分",
)  # fmt: skip
"""Spellings of days and times, the usual ones first."""

_EPOCH = "TIMESTAMP '1899-12-30'"  # day 0 of Excel's serial numbers

MACROS = (
    f"mc_half(x) AS translate(x, '{_WIDE}\u2212\u3000', '{_HALF}- ')",
    # Trimmed, and null where the text means nothing. (A chain of CASE, for DuckDB would turn IN lists into joins.)
    rf"""mc_clean(x) AS CASE WHEN strlen(x) > 6 THEN trim(x)
        ELSE CASE trim(x) {" ".join(f"WHEN '{text}' THEN NULL" for text in MISSING)} ELSE trim(x) END END""",
    "mc_code(x) AS CASE WHEN strlen(x) = length(x) THEN mc_clean(x) ELSE trim(mc_half(mc_clean(x))) END",
    # A number as digits: without currency, blanks and thousands separators.
    r"mc_bare(x) AS regexp_replace(translate(mc_half(x), '¥￥', ''), '(\s|元$|圆$)', '', 'g')",
    r"""mc_number(x) AS CASE WHEN regexp_full_match(mc_bare(x), '[-+]?\d{1,3}(,\d{3})+(\.\d*)?')
        THEN replace(mc_bare(x), ',', '')
        WHEN regexp_full_match(mc_bare(x), '[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?') THEN mc_bare(x) END""",
    "mc_scaled2(x) AS (TRY_CAST(x AS DECIMAL(15, 2)) * 100::DECIMAL(3, 0))::BIGINT",
    "mc_scaled4(x) AS (TRY_CAST(x AS DECIMAL(13, 4)) * 10000::DECIMAL(5, 0))::BIGINT",
    "mc_simple(x) AS CASE WHEN contains(x, '_') THEN NULL ELSE x END",
    """mc_fen(x) AS CASE WHEN x IS NULL THEN NULL
        ELSE coalesce(mc_scaled2(mc_simple(x)), mc_scaled2(mc_number(x))) END""",
    """mc_ten_thousandths(x) AS CASE WHEN x IS NULL THEN NULL
        ELSE coalesce(mc_scaled4(mc_simple(x)), mc_scaled4(mc_number(x))) END""",
    """mc_integer(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(mc_simple(x) AS DECIMAL(15, 2)),
        TRY_CAST(mc_number(regexp_replace(trim(x), '(天|日|次|张|人|岁|个)$', '')) AS DECIMAL(15, 2))) END::BIGINT""",
    # Days and times: the common spellings, then digits by their count, weekdays behind, ISO with a zone, serials.
    f"""mc_digits(x) AS CASE strlen(x)
        WHEN 8 THEN try_strptime(x, '%Y%m%d')
        WHEN 14 THEN try_strptime(x, '%Y%m%d%H%M%S')
        WHEN 17 THEN try_strptime(left(x, 14), '%Y%m%d%H%M%S')
        WHEN 12 THEN try_strptime(x, '%Y%m%d%H%M')
        WHEN 10 THEN timezone('Asia/Shanghai', to_timestamp(TRY_CAST(x AS BIGINT)))
        WHEN 13 THEN timezone('Asia/Shanghai', to_timestamp(TRY_CAST(x AS BIGINT) // 1000))
        WHEN 5 THEN {_EPOCH} + INTERVAL (TRY_CAST(x AS INTEGER)) DAY END""",
    f"mc_spelled(x) AS try_strptime(x, [{', '.join(repr(form) for form in _FORMATS)}])",
    r"""mc_zoned(x) AS CASE WHEN regexp_matches(x, '\d[Tt ]\d{2}:\d{2}.*([Zz]|[-+]\d{2}:?\d{2})$')
        THEN timezone('Asia/Shanghai',
            TRY_CAST(regexp_replace(x, '([-+]\d{2})(\d{2})$', '\1:\2') AS TIMESTAMPTZ)) END""",
    rf"""mc_serial(x) AS CASE WHEN regexp_full_match(x, '[1-7]\d{{4}}\.\d+')
        THEN {_EPOCH} + to_seconds(round(TRY_CAST(x AS DOUBLE) * 86400)::BIGINT) END""",
    r"""mc_rare(x) AS coalesce(mc_zoned(x), mc_serial(x),
        mc_spelled(trim(regexp_replace(x, '\s*[(（]?(星期|周|礼拜)[一二三四五六日天][)）]?\s*$', ''))),
        TRY_CAST(CASE WHEN regexp_full_match(x, '\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+')
            THEN left(x, 19) END AS TIMESTAMP))""",
    # A plain day is the commonest text of all, and a cast reads it many times faster than a list of spellings. What
    # looks otherwise, or is no date, goes the long way.
    "mc_iso(x) AS CASE WHEN strlen(x) = 10 AND x[5] = '-' AND x[8] = '-' THEN TRY_CAST(x AS DATE)::TIMESTAMP END",
    r"""mc_moment(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(mc_iso(x), mc_spelled(x),
        CASE WHEN regexp_full_match(x, '\s*\d+\s*') THEN mc_digits(trim(x)) ELSE mc_rare(mc_half(trim(x))) END) END""",
    r"""mc_minutes(x) AS CASE WHEN regexp_full_match(mc_half(trim(x)), '\d{1,4}/\d{1,2}/\d{1,2}')
        THEN list_dot_product(list_transform(string_split(mc_half(trim(x)), '/'), part -> part::BIGINT),
            [1440::BIGINT, 60, 1])
        ELSE mc_integer(x) END""",
    # Blanks are no part of a text, short ones are everybody's, and what is a digest already stays.
    r"""mc_digest(x) AS CASE WHEN regexp_full_match(x, '[0-9a-f]{32}') THEN x
        WHEN length(regexp_replace(mc_clean(x), '\s', '', 'g')) >= 20
        THEN md5(regexp_replace(mc_clean(x), '\s', '', 'g')) END""",
    "mc_second(m) AS nullif(epoch(m::TIME)::INTEGER, 0)",
    rf"""mc_flag(x) AS CASE WHEN x = '0' THEN FALSE WHEN x = '1' THEN TRUE ELSE CASE lower(x)
        {" ".join(f"WHEN '{text}' THEN TRUE" for text in YES)}
        {" ".join(f"WHEN '{text}' THEN FALSE" for text in NO)} END END""",
)

CASTS = {
    Type.TEXT: "mc_clean({0})",
    Type.CODE: "mc_code({0})",
    Type.KEY: "mc_code({0})",
    Type.PERSON: "mc_code({0})",
    Type.FEN: "mc_fen({0})",
    Type.PRICE: "mc_ten_thousandths({0})",
    Type.QUANTITY: "mc_ten_thousandths({0})",
    Type.RATIO: "mc_ten_thousandths({0})::INTEGER",
    Type.INTEGER: "TRY_CAST(mc_integer({0}) AS INTEGER)",
    Type.LONG: "mc_integer({0})",
    Type.FLAG: "mc_flag(mc_code({0}))",
    Type.DATE: "mc_moment({0})::DATE",
    Type.MINUTES: "TRY_CAST(mc_minutes({0}) AS INTEGER)",
    Type.DIGEST: "mc_digest({0})",
    Type.SECOND: "mc_second(mc_moment({0}))",
}
"""Type → SQL over one text expression."""

EXPECTED = {
    Type.FEN: ("不是金额", "is not an amount of money"),
    Type.PRICE: ("不是价格", "is not a price"),
    Type.QUANTITY: ("不是数量", "is not a quantity"),
    Type.RATIO: ("不是比例", "is not a ratio"),
    Type.INTEGER: ("不是整数", "is not a whole number"),
    Type.LONG: ("不是整数", "is not a whole number"),
    Type.MINUTES: ("不是时长（分钟，或 天/小时/分钟）", "is no length of time (minutes, or days/hours/minutes)"),
    Type.FLAG: ("不是“是/否”（1/0）", "is not yes or no (1/0)"),
    Type.DATE: ("不是日历上有的日期", "is not a date of the calendar"),
}
"""Type → what is wrong with a text that did not become a value."""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the macros in this connection; they are temporary and replaced each time."""
    for macro in MACROS:
        con.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def coded(value: str, dictionary: str | None) -> str:
    """SQL that brings other spellings of a code to the national one."""
    spellings = CODES.get(dictionary or "")
    if not spellings:
        return value
    pairs = ", ".join(f"{literal(text)}: {literal(code)}" for text, code in spellings.items())
    return f"coalesce(MAP {{{pairs}}}[{value}], {value})"
