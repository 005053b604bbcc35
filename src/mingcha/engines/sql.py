"""One statement per kind and window: every rule of the kind over everything, set-based.

The steps, each a common table expression with one job:
  base     rows of the frame that a knowledge row applies to, with the parents the condition needs, and parameters
  counted  those that count at all (`among`)
  earlier  what the peer before says (lag), and where a new day begins
  running  sums up to and including the row; percentiles of its peers
  met_*    related rows found by a join that starts from keys in common
  judged   the condition; rows that are clear leave here
  before   witnesses of running aggregates, looked up for judged rows only
  (last)   amounts, evidence and what is missing, with parents that only these need
The optimiser does not find the semi-joins; they are written out (reference: performance §2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp

from mingcha.engines.candidates import conjuncts, enough, is_plain, met_at_all, needed, own_conditions
from mingcha.engines.expression import SqlExpression, column_name, quote, text
from mingcha.engines.standing import percentile, place_and_number, shares
from mingcha.rules import algebra
from mingcha.rules.algebra import Aggregate, Column, Exists, First, Node, Previous, Rank, Running, Side, Tally
from mingcha.rules.frames import FRAMES, Frame, told_by
from mingcha.rules.kind import Check, Kind, KnowledgeType, WholeVisit
from mingcha.rules.unknowns import atoms, gaps, label, leaves

WITNESSES = 20
"""At most so many witnesses are kept, the first in order (DECISIONS: the algebra)."""


@lru_cache(maxsize=128)
def dialect_sql(statement: str, dialect: str) -> str:
    """The statement in the dialect; ValueError if it holds a construct that engines differ on."""
    tree = sqlglot.parse_one(statement, read="duckdb")
    for node in tree.walk():
        if isinstance(node, exp.Lambda | exp.Div) or (
            isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)
        ):
            raise ValueError(f"not allowed in a rule statement: {node.sql()}")
    return tree.sql(dialect)


def senders(need: str) -> str:
    """The name of the relation of providers that ever sent what is needed."""
    return f"sent_{need.replace('.', '_')}"


def covered(need: str) -> str:
    """Whether the row's provider ever sent what is needed; a register of persons is sent for everybody or nobody."""
    known = f"FROM {senders(need)}"
    return f"provider IN (SELECT provider {known})" if by_provider(need) else f"EXISTS (SELECT 1 {known})"


def by_provider(need: str) -> bool:
    """Whether each provider sends it for itself."""
    return "provider" in FRAMES[need.partition(".")[0]].columns


def inner_nodes(check: Check) -> Iterable[Node]:
    """What stands inside the aggregates, which `walk` does not enter."""
    for aggregate in check.aggregates().values():
        if isinstance(aggregate, Exists):
            yield from (node for node, _ in aggregate.same)
            yield aggregate.where
            if isinstance(aggregate, Tally):
                yield aggregate.value
            if aggregate.items is not None:
                yield aggregate.items
        else:
            yield from aggregate.same
            if isinstance(aggregate, Previous):
                yield aggregate.column
            if isinstance(aggregate, Running):
                yield from (n for n in (aggregate.value, aggregate.within) if n is not None)
            if isinstance(aggregate, Rank):
                yield aggregate.by
            if isinstance(aggregate, algebra.Peers):
                yield aggregate.value


def columns_of(nodes: Iterable[Node], side: Side) -> dict[str, Column]:
    """The columns of one side that the expressions read, by name."""
    return {n.name: n for top in nodes for n in top.walk() if isinstance(n, Column) and n.side is side}


@dataclass(frozen=True)
class KindStatement:
    """The statement of one kind in one window. `scope` is a condition on the judged row, in SQL, or "TRUE"."""

    kind: Kind
    choice: str
    prefix_lengths: dict[str, tuple[int, ...]]
    scope: str = "TRUE"
    scoped: tuple[str, ...] = ()
    writer: SqlExpression = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "writer", SqlExpression(prefix_lengths=self.prefix_lengths))

    @property
    def check(self) -> Check:
        return self.kind.checks[self.choice]

    @property
    def frame(self) -> Frame:
        return self.kind.frame

    @property
    def suffix(self) -> str:
        """Tail of the names of the knowledge relations."""
        return f"{self.kind.name}_{self.choice}".replace("-", "_").rstrip("_")

    def _order(self, same: tuple[Node, ...]) -> str:
        """The total order "earlier" means: day, second with a missing one first, key, knowledge row.

        What is equal in all that are compared says nothing, and sorting goes by fewer columns without it.
        """
        equal = {node.name for node in same if isinstance(node, Column) and node.side is Side.ROW}
        day = [] if self.frame.day in equal else ['"at.day"']
        return ", ".join([*day, '"at.second"', *(quote(c) for c in self.frame.key if c not in equal), "krow"])

    def sql(self) -> str:
        """The whole statement, in DuckDB's spelling."""
        steps: list[tuple[str, str]] = [("base", self._base())]
        last = "base"
        if self.check.among is not None:
            among = self.writer.sql(self.check.among)
            steps.append(("counted", f'SELECT *, {among} AS "agg.among" FROM base WHERE ({among}) IS NOT FALSE'))
            last = "counted"
        if known := shares(self.check):
            values = ", ".join(f"{self.writer.sql(node)} AS {quote(name)}" for name, node in known.items())
            steps.append(("valued", f"SELECT *, {values} FROM {last}"))
            last = "valued"
            self.writer.columns.update({id(node): name for name, node in known.items()})
        for name, body in (("earlier", self._earlier(last)), ("running", self._running())):
            if body:
                steps.append((name, body.replace("{last}", last)))
                last = name
        met, last = self._met(last)
        steps += met
        steps.append(("judged", self._judged(last)))
        before = self._before(last)
        if before:
            steps.append(("before", before))
        head = ", ".join(
            f"{name} AS {'MATERIALIZED ' if name in self._shared(before) else ''}({body})" for name, body in steps
        )
        return f"WITH {head} {self._last(bool(before))}"

    def uncovered(self) -> str:
        """The providers that lack what the kind needs though rows of theirs might be flagged, and the first day."""
        lacking = "".join(f" WHEN NOT {covered(need)} THEN {text(need)}" for need in self.kind.needed(self.choice))
        own = " AND ".join(f"({self.writer.sql(node)}) IS NOT FALSE" for node in own_conditions(self.check)) or "TRUE"
        return (
            f"WITH base AS ({self._base(related=False)}) SELECT rule, provider, MIN(\"at.day\") AS day, missing FROM ("
            f"SELECT *, CASE{lacking} END AS missing FROM base WHERE ({self.scope}) AND {own}) AS r"
            " WHERE missing IS NOT NULL GROUP BY rule, provider, missing"
        )

    def _shared(self, before: str) -> set[str]:
        """Steps read twice."""
        exists = any(isinstance(a, Exists) for a in self.check.aggregates().values())
        return ({"base", "counted"} if exists else set()) | ({"earlier", "running", "judged"} if before else set())

    def _early(self) -> list[Node]:
        among = [self.check.among] if self.check.among is not None else []
        return [self.check.when, *among, *inner_nodes(self.check)]

    def _base(self, related: bool = True) -> str:
        frame, early = self.frame, self._early()
        every = [*self.check.nodes, *early]
        own = {n for n in columns_of(every, Side.ROW) if "." not in n} | set(frame.key) | {"fund_area", "care_area"}
        own |= {c for c in ("person", "visit", "line", "in_scope") if c in frame.columns}
        early_parents = columns_of(early, Side.ROW)
        own |= {on for step in frame.parents.values() for on, _ in step.on}
        second = f"COALESCE(f.{quote(frame.second)}, -1)" if frame.second else "-1"
        select = [
            "k.rule AS rule",
            "k.krow AS krow",
            f'f.{quote(frame.day)} AS "at.day"',
            f'{second} AS "at.second"',
            *(f"f.{quote(name)}" for name in sorted(own)),
            *(
                f"{quote(name.split('.')[0])}.{quote(name.split('.')[1])} AS {quote(name)}"
                for name in sorted(early_parents)
                if "." in name
            ),
            *(f"k.{quote(name)} AS {quote('know.' + name)}" for name in self.kind.knows),
            *(f"p.{quote(name)} AS {quote('rule.' + name)}" for name in self.kind.parameters),
        ]
        day = f"f.{quote(frame.day)}"
        on = f"{day} >= k.valid_from AND {day} < k.valid_until"
        by_item = f"f.{quote(frame.item)} = k.item AND " if self.kind.by_item else ""
        source = f"{self._frame(related)} AS f JOIN knowledge_{self.suffix} AS k ON {by_item}{on}"
        told = {name: path for name in self.scoped if (path := told_by(frame, name))}
        steps = {name.split(".")[0] for name in (*early_parents, *told.values()) if "." in name}
        parents, parameters = self._parents(steps, "f", day), self._parameters(day, told)
        joined = f"{parents}{parameters}" if told else f"{parameters}{parents}"
        rows = f"SELECT {', '.join(select)} FROM {source}{joined}"
        alone = [column for column in select if not column.startswith('"')]
        plain = f"SELECT {', '.join(alone)} FROM {source}{parameters}"
        all_rows = plain if related and not any("." in path for path in told.values()) else None
        return f"SELECT *, ROW_NUMBER() OVER () AS rid FROM ({rows}) AS r{self._early_out(all_rows)}"

    def _frame(self, related: bool) -> str:
        """The rows judged; with `related` only those for which some related row can be found."""
        name = f"frame_{self.frame.name}"
        found = list(met_at_all(self.check, self.writer, f"parameter_{self.kind.name}")) if related else []
        return f"(SELECT * FROM {name} WHERE {' AND '.join(found)})" if found else name

    def _parameters(self, day: str, told: dict[str, str]) -> str:
        """The join to the parameters in force, for those whom they are meant for."""
        if not self.kind.parameters:
            return ""
        in_force = f"{day} >= p.valid_from AND {day} < p.valid_until"
        meant = "".join(f" AND {_meant(name, path)}" for name, path in told.items())
        return f" JOIN parameter_{self.kind.name} AS p ON p.rule = k.rule AND {in_force}{meant}"

    def _early_out(self, all_rows: str | None) -> str:
        """What can be left out before anything is compared, given the query of all rows also by what they add up to."""
        conditions = []
        if self.check.repeats is not None:
            key = quote(self.check.repeats)
            often = f"SELECT {key} FROM frame_{self.frame.name} GROUP BY {key} HAVING COUNT(*) > 1"
            conditions.append(f"{key} IN ({often})")
        if all(isinstance(a, Exists) for a in self.check.aggregates().values()):  # peers count although they are clear
            own = [c for c in conjuncts(self.check.when) if is_plain(c)]
            conditions += [f"({self.writer.sql(c)}) IS NOT FALSE" for c in own]
        if all_rows and (together := enough(self.check, self.writer, all_rows)):
            conditions.append(together)
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _parents(self, steps: set[str], row: str, day: str) -> str:
        joins = ""
        for step in sorted(steps):
            parent = self.frame.parents[step]
            on = " AND ".join(f"{row}.{quote(mine)} = {quote(step)}.{quote(theirs)}" for mine, theirs in parent.on)
            if parent.as_of:
                on += f" AND {day} >= {quote(step)}.valid_from AND {day} < {quote(step)}.valid_until"
            joins += f" LEFT JOIN frame_{parent.frame} AS {quote(step)} ON {on}"
        return joins

    def _partition(self, same: tuple[Node, ...]) -> str:
        keys = ["rule", *(self.writer.sql(node) for node in same)]
        if self.check.among is not None and self.check.among.nullable:
            keys.append('"agg.among"')
        return "PARTITION BY " + ", ".join(keys)

    def _known(self, same: tuple[Node, ...], value: str) -> str:
        """The value, or null where a key that may be missing is."""
        nullable = [self.writer.sql(node) for node in same if node.nullable]
        if not nullable:
            return value
        return f"CASE WHEN {' AND '.join(f'{key} IS NOT NULL' for key in nullable)} THEN {value} END"

    def _earlier(self, last: str) -> str:
        del last
        found = []
        for aggregate in self.check.aggregates().values():
            if isinstance(aggregate, Exists):
                continue
            window = f"({self._partition(aggregate.same)} ORDER BY {self._order(aggregate.same)})"
            name = quote(f"agg.{aggregate.name}")
            if isinstance(aggregate, Previous):
                value = f"LAG({self.writer.sql(aggregate.column)}) OVER {window}"
                found.append(f"{self._known(aggregate.same, value)} AS {name}")
                found.append(f"LAG(rid) OVER {window} AS {quote('before.' + aggregate.name)}")
            elif isinstance(aggregate, First):
                found.append(f"{self._known(aggregate.same, f'(LAG(rid) OVER {window} IS NULL)')} AS {name}")
            elif isinstance(aggregate, Rank):
                place = f"ROW_NUMBER() OVER ({self._partition(aggregate.same)} ORDER BY {self._place(aggregate)})"
                found.append(f"{self._known((*aggregate.same, aggregate.by), place)} AS {name}")
            elif isinstance(aggregate, algebra.Peers):
                found += place_and_number(aggregate, self.writer.sql(aggregate.value), self._partition(aggregate.same))
            elif aggregate.total == "days":
                begins = f'LAG("at.day") OVER {window} IS DISTINCT FROM "at.day"'
                found.append(f"CASE WHEN {begins} THEN 1 ELSE 0 END AS {quote('begins.' + aggregate.name)}")
        return f"SELECT *, {', '.join(found)} FROM {{last}}" if found else ""

    def _place(self, rank: Rank) -> str:
        """The order of a rank; a missing value stands last, spelled out because engines differ on nulls."""
        by = self.writer.sql(rank.by)
        return f"CASE WHEN {by} IS NULL THEN 1 ELSE 0 END, {by} DESC, {self._order(rank.same)}"

    def _running(self) -> str:
        found = []
        for aggregate in self.check.aggregates().values():
            if isinstance(aggregate, algebra.Peers):
                value = percentile(aggregate, self.writer.sql(aggregate.value), self._partition(aggregate.same))
                found.append(f"{self._known(aggregate.same, value)} AS {quote('agg.' + aggregate.name)}")
            if not isinstance(aggregate, Running):
                continue
            value = quote("begins." + aggregate.name) if aggregate.value is None else self.writer.sql(aggregate.value)
            total = self._total(f"SUM({value})", aggregate)
            if aggregate.value is not None and aggregate.value.nullable:
                missing = self._total(f"SUM(CASE WHEN {value} IS NULL THEN 1 ELSE 0 END)", aggregate)
                total = f"CASE WHEN {missing} = 0 THEN {total} END"
            found.append(f"CAST({self._known(aggregate.same, total)} AS BIGINT) AS {quote('agg.' + aggregate.name)}")
        return f"SELECT *, {', '.join(found)} FROM {{last}}" if found else ""

    def _total(self, what: str, aggregate: Running) -> str:
        """A running total; a rolling one is the total so far less what had passed before its first day."""
        partition = self._partition(aggregate.same)
        so_far = f"{what} OVER ({partition} ORDER BY {self._order(aggregate.same)} ROWS UNBOUNDED PRECEDING)"
        if aggregate.within is None:
            return so_far
        days = self.writer.sql(aggregate.within)
        number = "(\"at.day\" - CAST('1970-01-01' AS DATE))"
        passed = f"{what} OVER ({partition} ORDER BY {number} RANGE BETWEEN UNBOUNDED PRECEDING AND {days} PRECEDING)"
        return f"({so_far} - COALESCE({passed}, 0))"

    def _met(self, last: str) -> tuple[list[tuple[str, str]], str]:
        """A relation per Exists, and one that puts their answers on the row."""
        exists = [a for a in self.check.aggregates().values() if isinstance(a, Exists)]
        if not exists:
            return [], last
        steps = [(f"met_{a.name}", self._related(a, last)) for a in exists]
        columns, joins, inner = [], "", SqlExpression(row="s")
        for aggregate in exists:
            met = f"met_{aggregate.name}"
            keys = [inner.sql(node) for node, _ in aggregate.same if node.nullable]
            joins += f" {'' if needed(aggregate, self.check) else 'LEFT '}JOIN {met} ON {met}.rid = s.rid"
            lost = "".join(f" WHEN {key} IS NULL THEN NULL" for key in keys)
            found = f" WHEN {met}.some_true THEN TRUE WHEN {met}.some_unknown THEN NULL ELSE FALSE"
            if isinstance(aggregate, Tally):
                found = f" WHEN {met}.some_unknown THEN NULL ELSE COALESCE({met}.number, 0)"
            columns.append(f"CASE{lost}{found} END AS {quote('agg.' + aggregate.name)}")
            if aggregate.witness:
                columns.append(f"{met}.witnesses AS {quote('witness.' + aggregate.name)}")
        steps.append(("met", f"SELECT s.*, {', '.join(columns)} FROM {last} AS s{joins}"))
        return steps, "met"

    def _related(self, aggregate: Exists, last: str) -> str:
        frame = FRAMES[aggregate.frame]
        inner = SqlExpression(row="s", prefix_lengths=self.prefix_lengths)
        same = " AND ".join(f"{inner.sql(node)} = o.{quote(theirs)}" for node, theirs in aggregate.same)
        where = inner.sql(aggregate.where)
        source = f"{last} AS s"
        if aggregate.items is not None:
            codes = f"codes_{self.suffix}_{aggregate.items.name}"
            source += (
                f" JOIN {codes} AS c ON c.krow = s.krow JOIN frame_{frame.name} AS o ON o.item = c.code AND {same}"
            )
        else:
            source += f" JOIN frame_{frame.name} AS o ON {same}"
        second = f"COALESCE(o.{quote(frame.second)}, -1)" if frame.second else "-1"
        key = "CONCAT_WS('|', " + ", ".join(f"o.{quote(c)}" for c in frame.key) + ")"
        witness = f"MIN({{'d': o.{quote(frame.day)}, 's': {second}, 'k': {key}}}, {WITNESSES}) FILTER (WHERE {where})"
        answer = f"BOOL_OR({where}) AS some_true, BOOL_OR(({where}) IS NULL) AS some_unknown"
        if isinstance(aggregate, Tally):
            value = inner.sql(aggregate.value)
            true = f"FILTER (WHERE {where})"
            number = f"COUNT(DISTINCT {value}) {true}"
            number = number if aggregate.distinct else f"CAST(SUM({value}) {true} AS BIGINT)"
            unknown = f"({where}) IS NULL OR {value} IS NULL"
            answer = f"{number} AS number, BOOL_OR({unknown}) AS some_unknown"
        return (
            f"SELECT s.rid AS rid, {answer}"
            + (f", {witness} AS witnesses" if aggregate.witness else "")
            + f" FROM {source} WHERE ({where}) IS NOT FALSE GROUP BY s.rid"
        )

    def _judged(self, last: str) -> str:
        when = self.writer.sql(self.check.when)
        if self.check.among is not None and self.check.among.nullable:
            when = f'CASE WHEN "agg.among" THEN {when} END'
        sent = "".join(f" AND {covered(need)}" for need in self.kind.needed(self.choice))
        rows = f"({when}) IS NOT FALSE AND ({self.scope}){sent}"
        return f'SELECT *, {when} AS "agg.when" FROM {last} WHERE {rows}'

    def _before(self, last: str) -> str:
        """Earlier rows of the window of the first running aggregate, those ranked before it, else the row before."""
        running = next((a for a in self.check.aggregates().values() if isinstance(a, Running | Rank)), None)
        previous = next((a for a in self.check.aggregates().values() if isinstance(a, Previous)), None)
        if running is None and previous is None:
            return ""
        key = "CONCAT_WS('|', " + ", ".join(f"o.{quote(c)}" for c in self.frame.key) + ")"
        witness = f"MIN({{'d': o.\"at.day\", 's': o.\"at.second\", 'k': {key}}}, {WITNESSES}) AS witnesses"
        if running is None:
            assert previous is not None
            on = f"o.rid = j.{quote('before.' + previous.name)}"
        else:
            mine, theirs = SqlExpression(row="j"), SqlExpression(row="o")
            on = "o.rule = j.rule AND " + " AND ".join(f"{mine.sql(n)} = {theirs.sql(n)}" for n in running.same)
            order = ['"at.day"', '"at.second"', *(quote(c) for c in self.frame.key), "krow"]
            before = f"({', '.join('o.' + c for c in order)}) < ({', '.join('j.' + c for c in order)})"
            if isinstance(running, Rank):
                more, equal = theirs.sql(running.by), mine.sql(running.by)
                on += f" AND ({more} > {equal} OR ({more} = {equal} AND {before}))"
            else:
                on += f" AND {before}"
            if self.check.among is not None and self.check.among.nullable:
                on += ' AND o."agg.among" AND j."agg.among"'
            if isinstance(running, Running) and running.within is not None:
                on += f' AND o."at.day" > j."at.day" - CAST({mine.sql(running.within)} AS INTEGER)'
        pairs = f"judged AS j JOIN {last} AS o ON {on}"
        return f'SELECT j.rid AS rid, {witness} FROM {pairs} WHERE j."agg.when" GROUP BY j.rid'

    def _last(self, before: bool) -> str:
        check, write = self.check, self.writer.sql
        late = {n for n in columns_of(check.nodes, Side.ROW) if "." in n} - set(columns_of(self._early(), Side.ROW))
        select = ["rule", "krow", '"at.day" AS day', "fund_area", "care_area"]
        select += [c if c in self.frame.columns else f"NULL AS {c}" for c in ("person", "provider", "visit", "line")]
        key = ", ".join(quote(c) for c in self.frame.key)
        select.append(f"CONCAT_WS('|', {key}) AS key")
        unless = "".join(f" WHEN {write(node)} THEN {text('exempt:' + name)}" for name, node in check.unless.items())
        flagged = f"CASE{unless} ELSE 'flagged' END" if unless else "'flagged'"
        select.append(f"CASE WHEN \"agg.when\" THEN {flagged} ELSE 'cannot_tell' END AS verdict")
        select.append(f'CASE WHEN "agg.when" THEN NULL ELSE {self._missing()} END AS missing')
        amount = "CAST(NULL AS BIGINT)" if isinstance(check.amount, WholeVisit) else write(check.amount)
        select.append(f"{amount} AS amount")
        select.append(f"{write(check.quantity) if check.quantity is not None else 'CAST(NULL AS BIGINT)'} AS quantity")
        select.append(f"TO_JSON({{{', '.join(f'{text(n)}: {e}' for n, e in self._why().items())}}}) AS why")
        witnesses = [f"witness.{a.name}" for a in check.aggregates().values() if isinstance(a, Exists) and a.witness]
        select.append(
            (
                "b.witnesses"
                if before
                else quote(witnesses[0])
                if witnesses
                else "CAST(NULL AS STRUCT(d DATE, s BIGINT, k VARCHAR)[])"
            )
            + " AS witnesses"
        )
        source = "judged AS j" + (" LEFT JOIN before AS b ON b.rid = j.rid" if before else "")
        if not late:
            return f"SELECT {', '.join(select)} FROM {source}"
        steps = {name.split(".")[0] for name in late}
        more = ", ".join(f"{quote(n.split('.')[0])}.{quote(n.split('.')[1])} AS {quote(n)}" for n in sorted(late))
        wide = f"SELECT j.*, {more} FROM judged AS j{self._parents(steps, 'j', 'j.' + quote('at.day'))}"
        return f"SELECT {', '.join(select)} FROM ({wide}) AS j" + (
            " LEFT JOIN before AS b ON b.rid = j.rid" if before else ""
        )

    def _why(self) -> dict[str, str]:
        """Evidence by name: what the kind shows, then the leaves of the condition under their own names."""
        return {name: self.writer.sql(node) for name, node in evidence(self.check).items()}

    def _missing(self) -> str:
        """The first thing missing, in reading order of the condition."""
        cases = ""
        tops = [n for n in (self.check.among, self.check.when) if n is not None]
        for atom in (a for top in tops for a in atoms(top)):
            facts, known = leaves(atom)
            given = "".join(f" AND {self.writer.sql(k)} IS NOT NULL" for k in known)
            for leaf in facts:
                cases += f" WHEN {self.writer.sql(leaf)} IS NULL{given} THEN {text(label(leaf))}"
        for test, held, what in (gap for top in tops for gap in gaps(top)):
            cases += f" WHEN {'' if held else 'NOT '}{self.writer.sql(test)} THEN {text(what)}"
        names = [label(a) for top in tops for a in atoms(top) if not leaves(a)[0]]
        otherwise = text(names[0] if names else "unknown")
        return f"CASE{cases} ELSE {otherwise} END" if cases else otherwise


def _meant(name: str, path: str) -> str:
    """Whether parameters are meant for the row: for its provider, insurance or level, or for any they don't name."""
    step, _, column = path.rpartition(".")
    own = f"{quote(step) if step else 'f'}.{quote(column)}"
    return f"(p.of_{name} = {own} OR (p.of_{name} IS NULL AND COALESCE(NOT LIST_CONTAINS(p.not_{name}, {own}), TRUE)))"


def evidence(check: Check) -> dict[str, Node]:
    """What is kept of a row's evaluation, by name: the kind's own evidence, then every leaf of the condition."""
    found: dict[str, Node] = dict(check.shows)
    tops = [n for n in (check.among, check.when) if n is not None]
    for node in (n for top in tops for n in top.walk()):
        if isinstance(node, Column):
            found.setdefault(column_name(node), node)
        elif isinstance(node, Aggregate):
            found.setdefault(f"agg.{node.name}", node)
    return found


def code_columns(kind: Kind, choice: str) -> set[str]:
    """Knowledge columns whose codes related rows are joined on."""
    exists = (a for a in kind.checks[choice].aggregates().values() if isinstance(a, Exists))
    return {a.items.name for a in exists if a.items is not None}


def prefix_columns(kind: Kind) -> set[str]:
    """Knowledge columns read as prefixes."""
    return {name for name, knows in kind.knows.items() if knows.type is KnowledgeType.PREFIXES}
