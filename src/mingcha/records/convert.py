"""From text to typed rows: one SQL statement per piece gives every value, and a mask of what is wrong with the row."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mingcha.records.casts import CASTS, EXPECTED, coded, literal
from mingcha.records.contract import Column, Type
from mingcha.records.mapping import EARLIEST, LATEST
from mingcha.records.plan import Plan, TablePlan
from mingcha.records.tidy import Tidy

_BITS = 60  # checks per mask column; a mask is a BIGINT


@dataclass(frozen=True)
class Check:
    """One way a row can be wrong: an SQL condition over the converted row, and how the sender is told."""

    condition: str
    label: str  # the source's header
    text: str  # SQL of the offending text
    zh: str
    en: str
    follows: bool = False  # only a consequence of another fault: told when nothing else is wrong


@dataclass(frozen=True)
class Conversion:
    """SQL for one source: `source` is FROM-able over `mc_piece` (and `mc_visit`), `checks` explain its masks."""

    source: str
    checks: list[Check]
    values: dict[int, dict[str, str]]  # table's place → contract column → its column in the result
    extra: list[str]  # further SQL of the result: money, ext, digest of the content
    file: str | None = None  # column of the piece that names each row's file, where rows of many files come together

    @property
    def masks(self) -> list[str]:
        return [f"mask{number}" for number in range(-(-len(self.checks) // _BITS))]

    @property
    def bad(self) -> str:
        """SQL: whether the row is refused."""
        return "(" + " OR ".join(f"{mask} <> 0" for mask in self.masks) + ")" if self.checks else "FALSE"

    @property
    def select(self) -> str:
        """The typed rows: source_row, values `t0_…`, mc_money, mc_ext, mc_digest and the masks."""
        names = [name for columns in self.values.values() for name in columns.values()]
        file = [self.file] if self.file else []
        return f"SELECT source_row, {', '.join([*file, *names, *self.extra, *self.masks])} FROM {self.source}"


def conversion(plan: Plan, file: str | None = None, known: Tidy = Tidy()) -> Conversion:  # noqa: B008
    """Compile a plan; `file` is the piece's column of file names where rows of many files come together, `known` the
    columns that need no cleaning."""
    texts: list[str] = []
    values: list[str] = []
    checks: list[Check] = []
    names: dict[int, dict[str, str]] = {}
    for place, target in enumerate(plan.tables):
        names[place] = {}
        for column in target.table.stored:
            text = _text(target, column, place)
            if text is None:
                continue
            name = f"t{place}_{column.name}"
            texts.append(f"{text} AS r_{name}")
            values.append(f"{_value(column, f'r_{name}', plan, target, known)} AS {name}")
            names[place][column.name] = name
            told = {check.zh for check in checks if check.label == target.labels.get(column.name, column.zh)}
            for check in _checks(column, target, name, plan, place, known):
                again = place and target.feeds.get(column.name) in plan.target.feeds.values() and check.zh in told
                checks += [] if again else [check]
    joined = " LEFT JOIN mc_visit v ON " + _visit_condition(plan) if any(t.fills for t in plan.tables) else ""
    masks = [
        " + ".join(f"CASE WHEN {check.condition} THEN {1 << bit}::BIGINT ELSE 0 END" for bit, check in enumerate(part))
        for part in (checks[start : start + _BITS] for start in range(0, len(checks), _BITS))
    ]
    source = (
        f"(SELECT *{''.join(f', {mask} AS mask{number}' for number, mask in enumerate(masks))} "
        f"FROM (SELECT *, {', '.join(values)} FROM (SELECT p.*, {', '.join(texts)} FROM mc_piece p{joined})))"
    )
    extra = [f"{_money(plan)} AS mc_money", f"{_ext(plan)} AS mc_ext"]
    if plan.target.generated:
        extra.append(f"{_digest(plan)} AS mc_digest")
    return Conversion(source, checks, names, extra, file)


def _ext(plan: Plan) -> str:
    """SQL of the unknown columns as a JSON object without its nulls; null when there are none."""
    if not plan.extra:
        return "NULL::VARCHAR"
    parts = [
        f"CASE WHEN c{place} IS NOT NULL THEN {literal(json.dumps(name, ensure_ascii=False) + ':')} "
        f"|| to_json(c{place}::VARCHAR) END"
        for name, place in plan.extra.items()
    ]
    return f"'{{' || nullif(concat_ws(',', {', '.join(parts)}), '') || '}}'"


def _digest(plan: Plan) -> str:
    """SQL of the content of a row without a key: its provider and every text of it (DECISIONS 13)."""
    texts = ", ".join(f"coalesce(c{place}::VARCHAR, chr(0))" for place in range(len(plan.headers)))
    provider = plan.target.feeds.get("provider", "''")
    return f"left(md5(concat_ws(chr(31), {provider}, {texts})), 20)"


def _text(target: TablePlan, column: Column, place: int) -> str | None:
    """SQL of the text a column is made from; None when nothing feeds it."""
    feed = target.feeds.get(column.name)
    if feed is None and column.time_of:
        feed = target.feeds.get(column.time_of)
    if column.name in target.fills:
        day = column.name == target.table.day
        known = "v.start_day::VARCHAR" if day else f"v.{column.name}"
        return f"coalesce({feed}, {known})" if feed else known
    if column.name == target.generated and place == 0:
        return None
    return feed


def _visit_condition(plan: Plan) -> str:
    target = next(t for t in plan.tables if t.fills)
    condition = f"v.visit = mc_code({target.feeds['visit']})"
    if "provider" in target.feeds:
        condition += f" AND v.provider = mc_code({target.feeds['provider']})"
    return condition


def _value(column: Column, text: str, plan: Plan, target: TablePlan, known: Tidy) -> str:
    if plan.typed and column.time_of and column.name not in target.feeds:
        return "NULL::INTEGER"  # a date of the contract's own type carries no clock time
    if plan.typed:
        return f"{text}::{'VARCHAR' if column.type is Type.PERSON else column.type.duckdb}"
    if column.type is Type.SECOND:
        if column.name in target.feeds:  # a source column of its own: seconds of the day, or a time
            return f"coalesce(TRY_CAST({text} AS INTEGER), epoch(TRY_CAST({text} AS TIME))::INTEGER)"
        moment = f"mc_moment({text})"
        real = plan.layout is not None and plan.layout.midnight
        return f"epoch({moment}::TIME)::INTEGER" if real else f"mc_second({moment})"
    if column.type in _TEXTUAL and _clean(target.feeds.get(column.name), column.type, known):
        return coded(text, column.dictionary)
    if column.type is Type.FLAG and _clean(target.feeds.get(column.name), Type.CODE, known):
        return f"mc_flag({text})"
    value = coded(CASTS[column.type].format(text), column.dictionary)
    shift = plan.layout.shift if plan.layout else 0
    return f"{value} + {shift}" if shift and column.type is Type.DATE else value


_TEXTUAL = (Type.TEXT, Type.CODE, Type.KEY, Type.PERSON)


def _clean(feed: str | None, kind: Type, known: Tidy) -> bool:
    """Whether a text needs no cleaning: a constant, or a column that was looked at."""
    if feed is None:
        return False
    return feed in (known.trimmed if kind is Type.TEXT else known.plain) or (
        feed.startswith("'") and feed.count("'") == 2
    )


def _checks(column: Column, target: TablePlan, name: str, plan: Plan, place: int, known: Tidy) -> list[Check]:
    label = target.labels.get(column.name, column.zh)
    text = f"r_{name}"
    textual = not plan.typed or column.type in _TEXTUAL
    textual = textual and not _clean(target.feeds.get(column.name), Type.TEXT, known)
    missing = f"mc_clean({text}) IS NULL" if textual else f"{text} IS NULL"
    if plan.typed and column.type in _TEXTUAL:
        missing = f"({text} IS NULL OR {text} = '')"
    guard = f"t{place}_{target.only_with} IS NOT NULL AND " if target.only_with and place else ""
    found = []
    if column.type in EXPECTED and not plan.typed:
        zh, en = EXPECTED[column.type]
        found.append(Check(f"{guard}{name} IS NULL AND NOT {missing}", label, text, zh, en))
    required = column.required or (column.name in target.table.key and column.name in ("provider", "visit"))
    if required and not (target.only_with == column.name and place):
        made = target.feeds.get(column.name, "")
        follows = not made.isalnum() and not made.startswith("'")  # put together from several columns of the source
        zh, en = "缺失，此列必填", "is missing and is required"
        if column.name in target.fills:
            zh, en = "缺失，而且这次就诊还没有导入，无法补上", "is missing, and its visit has not been imported yet"
            follows = column.name != target.fills[-1]
        found.append(Check(f"{guard}{missing}", label, "NULL", zh, en, follows))
    if column.name == target.table.day:
        first, last = (plan.layout.first, plan.layout.last) if plan.layout else (EARLIEST, LATEST)
        zh = f"超出应有的日期范围（{first} 至 {last}）"
        en = f"lies outside the expected dates ({first} to {last})"
        found.append(Check(f"{guard}{name} NOT BETWEEN DATE '{first}' AND DATE '{last}'", label, text, zh, en))
    return found


def _money(plan: Plan) -> str:
    """SQL of the row's money in fen; what can't be read counts 0 and the row's reason says so."""
    target = plan.target
    name = plan.money
    if name is None or name not in target.feeds:
        name = target.table.money if target.table.money in target.feeds else None
    if name is None:
        return "0::BIGINT"
    first = f"t0_{name}"
    other = target.table.money
    if other and other != name and other in target.feeds:
        absent = f"r_{first} IS NULL" if plan.typed else f"mc_clean(r_{first}) IS NULL"
        return f"CASE WHEN {absent} THEN coalesce(t0_{other}, 0) ELSE coalesce({first}, 0) END"
    return f"coalesce({first}, 0)"


def reasons(made: Conversion, language: str, plan: Plan) -> str:
    """SQL of a refused row's reasons in one language ("zh" or "en"), joined."""
    unread = EXPECTED[Type.FEN][0]
    money = {plan.target.labels.get(name) for name in (plan.money, plan.target.table.money) if name}
    parts = []
    follow = {
        m: sum(1 << at % _BITS for at, c in enumerate(made.checks) if c.follows and at // _BITS == number)
        for number, m in enumerate(made.masks)
    }
    for number, check in enumerate(made.checks):
        mask, bit = f"mask{number // _BITS}", 1 << (number % _BITS)
        said = check.zh if language == "zh" else check.en
        if check.zh == unread and check.label in money:
            said += "，按 0 计" if language == "zh" else " and counts as 0"
        alone = "" if not check.follows else "".join(f" AND {m} & ~{follow[m]} = 0" for m in made.masks)
        shown = f"coalesce(' “' || left({check.text}::VARCHAR, 60) || '” ', ' ')"
        parts.append(
            f"CASE WHEN {mask} & {bit} <> 0{alone} THEN {literal(check.label)} || {shown} || {literal(said)} END"
        )
    return f"concat_ws({literal('；' if language == 'zh' else '; ')}, {', '.join(parts)})"


def wrong_columns(made: Conversion) -> str:
    """SQL of the headers a refused row is wrong in, joined by a semicolon."""
    parts = [
        f"CASE WHEN mask{number // _BITS} & {1 << (number % _BITS)} <> 0 THEN {literal(check.label)} END"
        for number, check in enumerate(made.checks)
        if not check.follows
    ]
    return f"array_to_string(list_distinct(list_filter([{', '.join(parts)}], lambda x: x IS NOT NULL)), ';')"
