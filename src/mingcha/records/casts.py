"""How text becomes a typed value: DuckDB macros, one per type of the contract. Null means missing or unreadable."""

from __future__ import annotations

import duckdb

from mingcha.records.contract import Type
from mingcha.records.readers.piece import MISSING

YES = ("1", "是", "true", "t", "y", "yes", "有", "√", "01")
NO = ("0", "否", "false", "f", "n", "no", "无", "×", "00")

MACROS = (
    # Trimmed; full-width letters and digits (ＨＩＳ exports) in half width; texts that mean nothing are null.
    r"""mc_half(x) AS translate(x,
        '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．，－＋−／：　',
        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-+-/: ')""",
    # (A chain of CASE, for DuckDB would turn IN lists into joins.)
    rf"""mc_clean(x) AS CASE WHEN strlen(x) > 6 THEN trim(x)
        ELSE CASE trim(x) {" ".join(f"WHEN '{text}' THEN NULL" for text in MISSING)} ELSE trim(x) END END""",
    r"""mc_code(x) AS CASE WHEN strlen(x) = length(x) THEN mc_clean(x) ELSE trim(mc_half(mc_clean(x))) END""",
    # A number as digits: without currency, blanks and thousands separators.
    r"""mc_bare(x) AS regexp_replace(translate(mc_half(x), '¥￥', ''), '(\s|元$|圆$)', '', 'g')""",
    r"""mc_number(x) AS CASE WHEN regexp_full_match(mc_bare(x), '[-+]?\d{1,3}(,\d{3})+(\.\d*)?')
        THEN replace(mc_bare(x), ',', '')
        WHEN regexp_full_match(mc_bare(x), '[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?') THEN mc_bare(x) END""",
    r"""mc_scaled2(x) AS (TRY_CAST(x AS DECIMAL(15, 2)) * 100::DECIMAL(3, 0))::BIGINT""",
    r"""mc_scaled4(x) AS (TRY_CAST(x AS DECIMAL(13, 4)) * 10000::DECIMAL(5, 0))::BIGINT""",
    r"""mc_simple(x) AS CASE WHEN contains(x, '_') THEN NULL ELSE x END""",
    r"""mc_fen(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(mc_scaled2(mc_simple(x)), mc_scaled2(mc_number(x))) END""",
    r"""mc_ten_thousandths(x) AS CASE WHEN x IS NULL THEN NULL
        ELSE coalesce(mc_scaled4(mc_simple(x)), mc_scaled4(mc_number(x))) END""",
    r"""mc_integer(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(mc_simple(x) AS DECIMAL(15, 2)),
        TRY_CAST(mc_number(regexp_replace(trim(x), '(天|日|次|张|人|岁|个)$', '')) AS DECIMAL(15, 2))) END::BIGINT""",
    # Dates: digits by their count, the common spellings, then Chinese, weekdays behind, ISO with a zone.
    r"""mc_digits(x) AS CASE strlen(x)
        WHEN 8 THEN try_strptime(x, '%Y%m%d')
        WHEN 14 THEN try_strptime(x, '%Y%m%d%H%M%S')
        WHEN 17 THEN try_strptime(left(x, 14), '%Y%m%d%H%M%S')
        WHEN 12 THEN try_strptime(x, '%Y%m%d%H%M')
        WHEN 10 THEN timezone('Asia/Shanghai', to_timestamp(TRY_CAST(x AS BIGINT)))
        WHEN 13 THEN timezone('Asia/Shanghai', to_timestamp(TRY_CAST(x AS BIGINT) // 1000))
        WHEN 5 THEN TIMESTAMP '1899-12-30' + INTERVAL (TRY_CAST(x AS INTEGER)) DAY END""",
    r"""mc_spelled(x) AS try_strptime(x, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%Y/%m/%d %H:%M:%S', '%Y/%m/%d', '%Y-%m-%d %H:%M',
        '%Y/%m/%d %H:%M', '%Y-%m-%dT%H:%M:%S', '%Y.%m.%d', '%Y.%m.%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%dT%H:%M:%S.%f',
        '%Y%m%d %H:%M:%S', '%Y%m%d %H:%M', '%Y年%m月%d日', '%Y年%m月%d日 %H:%M:%S', '%Y年%m月%d日 %H时%M分%S秒', '%Y年%m月%d日%H时%M分%S秒',
        '%Y年%m月%d日 %H:%M', '%Y年%m月%d日 %H时%M分', '%Y年%m月%d日%H时%M分'])""",
    r"""mc_zoned(x) AS CASE WHEN regexp_matches(x, '\d[Tt ]\d{2}:\d{2}.*([Zz]|[-+]\d{2}:?\d{2})$')
        THEN timezone('Asia/Shanghai', TRY_CAST(regexp_replace(x, '([-+]\d{2})(\d{2})$', '\1:\2') AS TIMESTAMPTZ)) END""",
    r"""mc_serial(x) AS CASE WHEN regexp_full_match(x, '[1-7]\d{4}\.\d+')
        THEN date_trunc('second', TIMESTAMP '1899-12-30' + to_microseconds((round(TRY_CAST(x AS DOUBLE) * 86400)::BIGINT) * 1000000)) END""",
    r"""mc_rare(x) AS coalesce(mc_zoned(x), mc_serial(x),
        mc_spelled(trim(regexp_replace(x, '\s*[(（]?(星期|周|礼拜)[一二三四五六日天][)）]?\s*$', ''))),
        TRY_CAST(CASE WHEN regexp_full_match(x, '\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+') THEN left(x, 19) END AS TIMESTAMP))""",
    r"""mc_moment(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(mc_spelled(x),
        CASE WHEN regexp_full_match(x, '\s*\d+\s*') THEN mc_digits(trim(x)) ELSE mc_rare(mc_half(trim(x))) END) END""",
    r"""mc_second(m) AS nullif(epoch(m::TIME)::INTEGER, 0)""",
    rf"""mc_flag(x) AS CASE lower(x) {" ".join(f"WHEN '{text}' THEN TRUE" for text in YES)}
        {" ".join(f"WHEN '{text}' THEN FALSE" for text in NO)} END""",
)  # fmt: skip

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
    Type.FLAG: ("不是“是/否”（1/0）", "is not yes or no (1/0)"),
    Type.DATE: ("不是日历上有的日期", "is not a date of the calendar"),
}
"""Type → what is wrong with a text that did not become a value."""

CODES: dict[str, dict[str, str]] = {
    "gend": {"男": "1", "女": "2", "男性": "1", "女性": "2", "M": "1", "F": "2", "m": "1", "f": "2", "male": "1", "female": "2", "未知": "9", "未说明": "9", "0": "9"},
    "chrgitm_lv": {"甲": "01", "乙": "02", "丙": "03", "甲类": "01", "乙类": "02", "丙类": "03", "自费": "03", "1": "01", "2": "02", "3": "03", "4": "04"},
    "list_type": {"西药": "101", "中成药": "101", "西药中成药": "101", "中药饮片": "102", "自制剂": "103", "民族药": "104", "中药配方颗粒": "106", "医疗服务项目": "201", "医用耗材": "301"},
    "med_chrgitm_type": {
        **{str(place): f"{place:02}" for place in range(1, 10)},
        **{name: f"{place:02}" for place, name in enumerate(
            ("床位费", "诊察费", "检查费", "化验费", "治疗费", "手术费", "护理费", "卫生材料费", "西药费", "中药饮片费", "中成药费", "一般诊疗费", "挂号费", "其他费"), 1)},
        "材料费": "08", "其他": "14", "西药": "09", "中成药": "11", "中药饮片": "10", "中草药": "10",
    },
    "insutype": {"职工": "310", "居民": "390", "职工医保": "310", "居民医保": "390", "城镇职工": "310", "城乡居民": "390", "职工基本医疗保险": "310", "城乡居民基本医疗保险": "390", "生育": "510", "生育保险": "510"},
    "med_type": {"普通门诊": "11", "门诊": "11", "门诊挂号": "12", "急诊": "13", "门诊慢特病": "14", "普通住院": "21", "住院": "21", "外伤住院": "22", "定点药店购药": "41", "药店购药": "41", "购药": "41", "生育门诊": "51", "生育住院": "52"},
    "fixmedins_type": {"定点医疗机构": "1", "医院": "1", "医疗机构": "1", "定点零售药店": "2", "零售药店": "2", "药店": "2"},
    "hosp_lv": {
        "三级特等": "01", "三级甲等": "02", "三甲": "02", "三级乙等": "03", "三乙": "03", "三级丙等": "04", "二级甲等": "05", "二甲": "05", "二级乙等": "06",
        "二乙": "06", "二级丙等": "07", "一级甲等": "08", "一甲": "08", "一级乙等": "09", "一级丙等": "10", "无等级": "11", "未定级": "11", "三级": "12", "二级": "13", "一级": "14",
        **{str(place): f"{place:02}" for place in range(1, 10)},
    },
    "tcmdrug_used_way": {"复方": "1", "单方": "2"},
}  # fmt: skip
"""Dictionary → other spellings seen in files → the national code. What is not listed passes unchanged."""


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
