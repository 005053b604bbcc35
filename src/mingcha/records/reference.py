"""docs/reference/tables.md and the Arrow schemas, both made from the contract."""

from __future__ import annotations

import pyarrow as pa

from mingcha.records.contract import SYSTEM, Column, Table, Type
from mingcha.records.tables import TABLES

ARROW = {
    Type.TEXT: pa.string(),
    Type.CODE: pa.string(),
    Type.KEY: pa.string(),
    Type.PERSON: pa.int64(),
    Type.FEN: pa.int64(),
    Type.PRICE: pa.int64(),
    Type.QUANTITY: pa.int64(),
    Type.RATIO: pa.int32(),
    Type.INTEGER: pa.int32(),
    Type.LONG: pa.int64(),
    Type.FLAG: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.MINUTES: pa.int32(),
    Type.DIGEST: pa.string(),
    Type.SECOND: pa.int32(),
}

KINDS = {
    Type.TEXT: ("文字", "text"),
    Type.CODE: ("代码", "code"),
    Type.KEY: ("业务主键的一部分", "part of the business key"),
    Type.PERSON: ("人员编号，入库后为代码", "person number, a token in the lake"),
    Type.FEN: ("金额：文件中为元，库中为整数分", "money: yuan in files, integer fen in the lake"),
    Type.PRICE: ("单价：文件中为元，库中为万分之一元", "unit price: yuan in files, 1/10000 yuan in the lake"),
    Type.QUANTITY: ("数量：库中为万分之一单位", "quantity: 1/10000 of the unit in the lake"),
    Type.RATIO: ("比例：库中为万分之一", "ratio: 1/10000 in the lake"),
    Type.INTEGER: ("整数", "whole number"),
    Type.LONG: ("整数", "whole number"),
    Type.FLAG: ("是否（1/0）", "yes or no (1/0)"),
    Type.DATE: ("日期", "date"),
    Type.MINUTES: (
        "时长：文件中为分钟，或“天/小时/分钟”；库中为分钟",
        "minutes, or days/hours/minutes; minutes in the lake",
    ),
    Type.DIGEST: ("长文本，库中只存摘要，用于比对", "a long text, of which the lake keeps a digest to compare"),
    Type.SECOND: ("当日秒数，未知为空", "seconds of the day, null when unknown"),
}
"""What a type means to a reader, in both languages."""


def arrow_schema(table: Table) -> pa.Schema:
    """The schema of a Parquet file in the contract's own layout; people are national numbers there, as text."""
    fields = []
    for column in table.columns:
        kind = pa.string() if column.type is Type.PERSON else ARROW[column.type]
        fields.append(pa.field(column.name, kind, nullable=not column.required))
    return pa.schema(fields)


def tables_page() -> str:
    """The whole reference page, Markdown, both languages."""
    parts = [_HEAD]
    for table in TABLES.values():
        parts.append(_table(table))
    parts.append(
        "\n## 系统列 System columns\n\n每张表都有；导入时填写。Every table has them; import fills them.\n\n"
        + _rows(SYSTEM)
    )
    return "\n".join(parts).rstrip() + "\n"


def _table(table: Table) -> str:
    facts = [f"- 粒度 grain: {table.grain}", f"- 主键 key: `{'`, `'.join(table.key)}`"]
    if table.day:
        facts.append(f"- 日期列 day: `{table.day}`")
    if table.money:
        facts.append(f"- 合计金额 money that totals count: `{table.money}`")
    return f"\n## {table.zh} {table.en} · `{table.name}`\n\n" + "\n".join(facts) + "\n\n" + _rows(table.columns)


def _rows(columns: tuple[Column, ...]) -> str:
    lines = [
        "| 列 column | 中文 | meaning | 类型 type | 必填 required | 国家接口名 national name "
        "| 其他表头 other headers |",
        "|---|---|---|---|---|---|---|",
    ]
    for column in columns:
        zh, en = KINDS[column.type]
        kind = f"{zh} {en}" + (f"（字典 dictionary `{column.dictionary}`）" if column.dictionary else "")
        if column.time_of:
            kind += f"（取自 from `{column.time_of}`）"
        if column.secret:
            kind += "（个人信息，只存入加密身份表 personal: sealed identity table only）"
        national = ", ".join(f"`{name}`" for name in column.national)
        cells = (
            f"`{column.name}`",
            column.zh,
            column.en,
            kind,
            "是 yes" if column.required else "",
            national,
            "、".join(column.headers),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_HEAD = """# 数据表 Tables

这一页由契约（`src/mingcha/records/tables/`）生成，请勿手改；更新：`make docs`。
This page is generated from the contract by `make docs`; don't edit it.
表头按中文、snake_case、大写或驼峰写法都能识别；不认识的列原样保存在 `ext`。
Headers are recognised in Chinese, snake_case, upper case and camelCase; unknown columns are kept in `ext`.
"""
