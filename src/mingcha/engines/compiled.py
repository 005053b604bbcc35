"""Compiles the check of one plan to a Python function, and keeps beside it what the engine asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mingcha.engines.candidates import conjuncts, own_conditions
from mingcha.engines.effective import Effective, Plan
from mingcha.engines.facts import Facts
from mingcha.engines.source import PythonExpression, age, month, share
from mingcha.engines.sql import WITNESSES, evidence
from mingcha.knowledge.pack import SCOPES
from mingcha.rules.algebra import Aggregate, Exists, First, Kind, Node, Peers, Previous, Rank, Running, Tally
from mingcha.rules.frames import FRAMES, told_by
from mingcha.rules.kind import WholeVisit
from mingcha.rules.unknowns import atoms, gaps, label, leaves

Peer = Running | Previous | First | Rank | Peers
UNCOVERED = "uncovered"
"""Verdict of a row whose provider never sent what the kind needs; the engine tells of the provider, not of the row."""


@dataclass
class CompiledCheck:
    """`judge(row, k, facts)`: None when clear, else (row, k, verdict, amount, quantity, missing, witnesses, self)."""

    frame: str
    plan: Plan
    pack: Effective
    knowledge: dict[int, Any]
    groups: dict[tuple[int, str], list[Any]]
    parameters: dict[int, list[Any]]
    whole_visit: bool
    witnesses_by_item: bool
    has_peers: bool
    ranks: bool
    told: tuple[str | None, ...] = ()
    source: str = ""
    judge: Any = None
    _why: Any = None

    def parameter(self, k: Any, day: int) -> Any:
        """The parameters of the row's rule in force on the day, or None before there were any."""
        for found in self.parameters.get(k.rule, ()):
            if found.since <= day < found.until:
                return found
        return None

    def parameter_for(self, k: Any, row: Any, day: int) -> Any:
        """The same where they also depend on the row's provider, insurance or level."""
        who = tuple(_told(row, path) for path in self.told)
        for found in self.parameters.get(k.rule, ()):
            if found.since <= day < found.until and all(map(_fits, who, found.scope, found.others)):
                return found
        return None

    def elsewhere(self, row: Any, k: Any) -> bool:
        """Whether the row lies in an area, or with a provider, for which the rule holds in another way."""
        places = self.pack.places.get(k.rule)
        return places is not None and self.pack.group_of(row.fund_area, row.provider) not in places

    def day(self, row: Any) -> date:
        return date.fromordinal(getattr(row, FRAMES[self.frame].day))

    def peers(self, row: Any, k: Any, facts: Facts) -> list[tuple[Any, Any]]:
        """Rows the same rule applies to that could be peers, each with its knowledge row."""
        if self.frame == "line":
            found = [
                (o, ok)
                for ok in self.groups[k.rule, getattr(k, "group", k.item)]
                for o in facts.line.get((row.person, ok.item), ())
                if ok.since <= o.day < ok.until
            ]
            return found
        index = getattr(facts, self.frame)
        key = tuple(getattr(row, column) for column in FRAMES[self.frame].index)
        return [(o, k) for o in index.get(key, ())]

    def affected(self, row: Any, k: Any, facts: Facts) -> list[tuple[Any, Any]]:
        """The row, and peers whose answer it may change: later ones, or all of them where they are ranked."""
        if not self.has_peers:
            return [(row, k)]
        return [(row, k), *((o, ok) for o, ok in self.peers(row, k, facts) if self.ranks or o.order > row.order)]

    def why(self, row: Any, k: Any, facts: Facts) -> dict[str, Any]:
        """Evidence by name, as the set-based engines give it: dates as ISO text, lists as lists."""
        return self._why(row, k, facts)


def compile_check(plan: Plan, pack: Effective) -> CompiledCheck:
    """Write the plan's check as Python source and compile it."""
    check = plan.kind.checks[plan.choice]
    aggregates = check.aggregates()
    made = CompiledCheck(
        frame=plan.kind.frame.name,
        plan=plan,
        pack=pack,
        knowledge=_knowledge(plan),
        groups={},
        parameters={},
        whole_visit=isinstance(check.amount, WholeVisit),
        witnesses_by_item=any(isinstance(a, Exists) and a.witness and a.items is not None for a in aggregates.values()),
        has_peers=any(isinstance(a, Peer) for a in aggregates.values()),
        ranks=any(isinstance(a, Rank | Peers) for a in aggregates.values()),
        told=tuple(told_by(plan.kind.frame, name) for name in SCOPES),
    )
    for k in made.knowledge.values():
        made.groups.setdefault((k.rule, getattr(k, "group", k.item)), []).append(k)
    for found in pack.slices[plan.kind.name]:
        values = _record([*found.values, "since", "until", "scope", "others"])()
        values.scope, values.others = found.scope, found.others
        for name, value in found.values.items():
            setattr(values, name, _frozen(value))
        values.since, values.until = found.since.toordinal(), found.until.toordinal()
        made.parameters.setdefault(found.rule, []).append(values)
    made.source = _Writer(plan, made).write()
    scope: dict[str, Any] = {"share": share, "age": age, "month": month, "self": made, "iso": _iso, "plain": _plain}
    exec(compile(made.source, f"<{plan.kind.name} {plan.choice}>".replace(" >", ">"), "exec"), scope)
    made.judge, made._why = scope["judge"], scope["why"]
    return made


def _record(names: list[str]) -> type:
    return type("Record", (), {"__slots__": tuple(dict.fromkeys(names))})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _knowledge(plan: Plan) -> dict[int, Any]:
    """Knowledge rows as records by number, lists as tuples, days as ordinals."""
    made = _record([*plan.kind.knows, "number", "rule", "item", "since", "until"])
    found = {}
    for known in plan.known:
        record = made()
        for name, value in known.values.items():
            setattr(record, name, _frozen(value))
        record.number, record.rule, record.item = known.number, known.rule, known.item
        record.since, record.until = known.since.toordinal(), known.until.toordinal()
        found[known.number] = record
    return found


def _iso(ordinal: int | None) -> str | None:
    return None if ordinal is None else date.fromordinal(ordinal).isoformat()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _told(row: Any, path: str | None) -> Any:
    """What the row, or its parent, says; None where it doesn't."""
    if path is None:
        return None
    step, _, name = path.rpartition(".")
    row = getattr(row, step) if step else row
    return None if row is None else getattr(row, name)


def _fits(own: Any, scope: Any, others: tuple[Any, ...]) -> bool:
    return own == scope if scope is not None else own not in others


class _Writer:
    """Writes `judge` and `why` for one check."""

    def __init__(self, plan: Plan, made: CompiledCheck) -> None:
        self.kind, self.check, self.made = plan.kind, plan.kind.checks[plan.choice], made
        self.needs = plan.kind.needed(plan.choice)
        self.frame = plan.kind.frame
        self.py = PythonExpression()
        self.lines: list[str] = []

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def write(self) -> str:
        self.put(0, "def judge(r, k, w):")
        self._setup("None")
        check = self.check
        self._uncovered()
        for node in self._early():
            self.put(1, f"if ({self.py.source(node)}) is False: return None")
        self._aggregates()
        when = self.py.source(check.when)
        if check.among is not None:
            self.put(1, f"counts = {self.py.source(check.among)}")
            self.put(1, "if counts is False: return None")
            self.put(1, f"verdict = {when} if counts else None")
        else:
            self.put(1, f"verdict = {when}")
        self.put(1, "if verdict is False: return None")
        self.put(1, "if verdict is None:")
        self._missing()
        verdict = "'flagged'"
        for name, node in reversed(check.unless.items()):
            verdict = f"'exempt:{name}' if {self.py.source(node)} is True else {verdict}"
        amount = "None" if isinstance(check.amount, WholeVisit) else self.py.source(check.amount)
        quantity = self.py.source(check.quantity) if check.quantity is not None else "None"
        self.put(1, f"return (r, k, {verdict}, {amount}, {quantity}, None, {self._witnesses()}, self)")
        self.put(0, "def why(r, k, w):")
        self._setup("{}")
        self._aggregates()
        shown = (f"{name!r}: {self._shown(node)}" for name, node in evidence(check).items())
        self.put(1, f"return {{{', '.join(shown)}}}")
        return "\n".join(self.lines) + "\n"

    def _uncovered(self) -> None:
        """A provider that never sent what the kind needs can't be judged, unless the row is clear by itself."""
        if not self.needs:
            return
        self.put(1, f"lacks = next((need for need in {self.needs!r} if not w.covers(r.provider, need)), None)")
        self.put(1, "if lacks is not None:")
        for node in own_conditions(self.check):
            self.put(2, f"if ({self.py.source(node)}) is False: return None")
        self.put(2, f"return (r, k, {UNCOVERED!r}, None, None, lacks, (), self)")

    def _early(self) -> list[Node]:
        """What can clear the row before any other row is looked at."""
        found = [self.check.among] if self.check.among is not None else []
        if self.check.among is None or not self.check.among.nullable:
            found += conjuncts(self.check.when)
        with_others = bool(self.check.aggregates())
        return [n for n in found if with_others and not any(isinstance(part, Aggregate) for part in n.walk())]

    def _setup(self, nothing: str) -> None:
        day = f"r.{self.frame.day}"
        self.put(1, f"if not k.since <= {day} < k.until: return {nothing}")
        if any(known.rule in self.made.pack.places for known in self.made.plan.known):
            self.put(1, f"if self.elsewhere(r, k): return {nothing}")
        if self.kind.parameters:
            self.put(1, f"p = {self._in_force('k', 'r')}")
            self.put(1, f"if p is None: return {nothing}")

    def _in_force(self, know: str, row: str) -> str:
        """The parameters for a row, as source."""
        day = f"{row}.{self.frame.day}"
        scoped = self.made.plan.scoped
        return f"self.parameter_for({know}, {row}, {day})" if scoped else f"self.parameter({know}, {day})"

    def _shown(self, node: Node) -> str:
        source = self.py.source(node)
        return f"iso({source})" if node.kind is Kind.DATE else f"plain({source})" if node.kind is Kind.TEXTS else source

    def _missing(self) -> None:
        tops = [n for n in (self.check.among, self.check.when) if n is not None]
        found = [atom for top in tops for atom in atoms(top)]
        names = [label(atom) for atom in found if not leaves(atom)[0]]
        self.put(2, f"missing = {(names[0] if names else 'unknown')!r}")
        for test, held, what in reversed([gap for top in tops for gap in gaps(top)]):
            self.put(2, f"if ({self.py.source(test)}) is {held}: missing = {what!r}")
        for atom in reversed(found):
            facts, known = leaves(atom)
            given = "".join(f" and {self.py.source(k)} is not None" for k in known)
            for leaf in reversed(facts):
                self.put(2, f"if {self.py.source(leaf)} is None{given}: missing = {label(leaf)!r}")
        self.put(2, "return (r, k, 'cannot_tell', None, None, missing, (), self)")

    def _aggregates(self) -> None:
        aggregates = self.check.aggregates()
        for aggregate in aggregates.values():
            if isinstance(aggregate, Exists):
                self._exists(aggregate)
        groups: dict[tuple[int, ...], list[Peer]] = {}
        for aggregate in aggregates.values():
            if isinstance(aggregate, Rank):
                self._rank(aggregate)
            elif isinstance(aggregate, Peers):
                self._standing(aggregate)
            elif isinstance(aggregate, Peer):
                groups.setdefault(tuple(id(node) for node in aggregate.same), []).append(aggregate)
        for number, members in enumerate(groups.values()):
            self._peers(number, members)

    def _exists(self, aggregate: Exists) -> None:
        frame, name = FRAMES[aggregate.frame], f"a_{aggregate.name}"
        theirs = {column: self.py.source(node) for node, column in aggregate.same}
        for column in [column for node, column in aggregate.same if node.nullable]:
            self.put(1, f"key_{column} = {theirs[column]}")
            theirs[column] = f"key_{column}"
        lost = " or ".join(f"{source} is None" for column, source in theirs.items() if source == f"key_{column}")
        tally = isinstance(aggregate, Tally)
        nothing = ("set()" if aggregate.distinct else "0") if isinstance(aggregate, Tally) else "False"
        self.put(1, f"{name} = {nothing}" + (f" if not ({lost}) else None" if lost else ""))
        if aggregate.witness:
            self.put(1, f"w_{aggregate.name} = []")
        depth = 1
        if aggregate.items is not None:
            codes = self.py.source(aggregate.items)
            many = aggregate.items.kind is Kind.TEXTS
            self.put(1, f"for code in {codes if many else f'({codes},)'}:")
            theirs["item"] = "code"
            depth = 2
        key = ", ".join(theirs[column] for column in frame.index)
        found = f"w.{frame.name}.get(({key},), ())"
        self.put(depth, f"for o in () if {name} is None else {found}:" if lost else f"for o in {found}:")
        rest = [f"o.{column} == {source}" for column, source in theirs.items() if column not in frame.index]
        if rest:
            self.put(depth + 1, f"if not ({' and '.join(rest)}): continue")
        self.put(depth + 1, f"c = {self.py.source(aggregate.where)}")
        if tally:
            self._tally(aggregate, depth)
            return
        self.put(depth + 1, "if c:")
        self.put(depth + 2, f"{name} = True")
        self.put(depth + 2, f"w_{aggregate.name}.append(o)" if aggregate.witness else "break")
        if aggregate.where.nullable:
            self.put(depth + 1, f"elif c is None and not {name}: {name} = None")

    def _tally(self, aggregate: Tally, depth: int) -> None:
        """Add what the related row `o` gives; None once it can't be told, and stays so."""
        name = f"a_{aggregate.name}"
        self.put(depth + 1, "if c is False: continue")
        if aggregate.witness:
            self.put(depth + 1, f"if c: w_{aggregate.name}.append(o)")
        self.put(depth + 1, f"value = {self.py.source(aggregate.value)}")
        self.put(depth + 1, f"if c is None or value is None: {name} = None")
        add = f"{name} | {{value}}" if aggregate.distinct else f"{name} + value"
        self.put(depth + 1, f"elif {name} is not None: {name} = {add}")
        if aggregate.distinct:
            self.put(1, f"if {name} is not None: {name} = len({name})")

    def _peers(self, number: int, members: list[Peer]) -> None:
        """Peers in order, split at the row; then each aggregate over them."""
        same = members[0].same
        mine = ", ".join(self.py.source(node) for node in same)
        there = PythonExpression(row="o", know="ok", rule="op", _numbers=self.py._numbers)
        theirs = ", ".join(there.source(node) for node in same)
        names = [f"a_{m.name}" for m in members]
        self.put(1, f"key = ({mine},)")
        self.put(1, f"before{number} = []")
        self.put(1, f"{' = '.join(names)} = None")
        windows = [f"window_{m.name}" for m in members if isinstance(m, Running)]
        if windows:
            self.put(1, f"{' = '.join(windows)} = ()")
        among = f"({self.py.source(self.check.among)}) is True" if self.check.among is not None else "True"
        self.put(1, f"if None not in key and {among}:")
        self.put(2, "for o, ok in self.peers(r, k, w):")
        self.put(3, "if (o.order, ok.number) >= (r.order, k.number): continue")
        if self.kind.parameters:
            self.put(3, f"op = {self._in_force('ok', 'o')}")
            self.put(3, "if op is None: continue")
        if self.check.among is not None:
            self.put(3, f"if ({there.source(self.check.among)}) is not True: continue")
        self.put(3, f"if ({theirs},) == key: before{number}.append((o.order, ok.number, o, ok))")
        self.put(2, f"before{number}.sort(key=lambda b: b[:2])")
        for member in members:
            if isinstance(member, First):
                self.put(2, f"a_{member.name} = not before{number}")
            elif isinstance(member, Previous):
                self.put(2, f"if before{number}:")
                self.put(3, f"o = before{number}[-1][2]")
                self.put(3, f"a_{member.name} = {there.source(member.column)}")
            elif isinstance(member, Running):
                self._running(number, member, there)

    def _rank(self, member: Rank) -> None:
        """One more than the peers that stand before the row."""
        there = PythonExpression(row="o", know="ok", rule="op", _numbers=self.py._numbers)
        ahead = f"ahead_{member.name}"
        self.put(1, f"a_{member.name}, {ahead}, value = None, [], {self.py.source(member.by)}")
        self._every_peer(member.same, there, "value is not None and ")
        self.put(3, f"if (other := {there.source(member.by)}) is None: continue")
        self.put(3, "if other > value or (other == value and (o.order, ok.number) < (r.order, k.number)):")
        self.put(4, f"{ahead}.append(o)")
        self.put(2, f"a_{member.name} = len({ahead}) + 1")

    def _standing(self, member: Peers) -> None:
        """How many peers have the value, or the percentile of those."""
        there = PythonExpression(row="o", know="ok", rule="op", _numbers=self.py._numbers)
        self.put(1, f"a_{member.name}, values = None, []")
        self._every_peer(member.same, there)
        self.put(3, f"if (other := {there.source(member.value)}) is not None: values.append(other)")
        if member.percent is None:
            self.put(2, f"a_{member.name} = len(values)")
        else:
            place = f"(len(values) * {member.percent} + 99) // 100 - 1"
            self.put(2, f"if values: a_{member.name} = sorted(values)[{place}]")

    def _every_peer(self, same: tuple[Node, ...], there: PythonExpression, given: str = "") -> None:
        """Opens a loop over the peers `o` of the row, itself included, two steps deep."""
        mine = ", ".join(self.py.source(node) for node in same)
        theirs = ", ".join(there.source(node) for node in same)
        among = f"({self.py.source(self.check.among)}) is True" if self.check.among is not None else "True"
        self.put(1, f"key = ({mine},)")
        self.put(1, f"if {given}None not in key and {among}:")
        self.put(2, "for o, ok in self.peers(r, k, w):")
        if self.kind.parameters:
            self.put(3, f"op = {self._in_force('ok', 'o')}")
            self.put(3, "if op is None: continue")
        if self.check.among is not None:
            self.put(3, f"if ({there.source(self.check.among)}) is not True: continue")
        self.put(3, f"if ({theirs},) != key: continue")

    def _running(self, number: int, member: Running, there: PythonExpression) -> None:
        day = self.frame.day
        window = f"before{number}"
        if member.within is not None:
            window = f"[b for b in before{number} if b[2].{day} > r.{day} - {self.py.source(member.within)}]"
        self.put(2, f"window_{member.name} = {window}")
        if member.value is None:
            self.put(2, f"days = {{b[2].{day} for b in window_{member.name}}}")
            self.put(2, f"days.add(r.{day})")
            self.put(2, f"a_{member.name} = len(days)")
            return
        self.put(2, f"total = {self.py.source(member.value)}")
        self.put(2, f"for _, _, o, ok in window_{member.name}:")
        self.put(3, f"value = {there.source(member.value)}")
        self.put(3, "if total is None or value is None:")
        self.put(4, "total = None")
        self.put(4, "break")
        self.put(3, "total += value")
        self.put(2, f"a_{member.name} = total")

    def _witnesses(self) -> str:
        """Related rows by day, second and key as it is written, as the set-based engines order them."""
        aggregates = self.check.aggregates().values()
        first = f"key=lambda o: (o.order[0], o.order[1], o.key))[:{WITNESSES}]"
        exists = [a for a in aggregates if isinstance(a, Exists) and a.witness]
        if exists:
            return f"sorted(w_{exists[0].name}, {first}"
        running = next((a for a in aggregates if isinstance(a, Running)), None)
        if running is not None:
            return f"sorted((b[2] for b in window_{running.name}), {first}"
        rank = next((a for a in aggregates if isinstance(a, Rank)), None)
        if rank is not None:
            return f"sorted(ahead_{rank.name}, {first}"
        if any(isinstance(a, Previous) for a in aggregates):
            return "[before0[-1][2]] if before0 else []"
        return "()"
