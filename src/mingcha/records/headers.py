"""Which contract column a header means: Chinese, snake_case, UPPER CASE and camelCase spellings of every alias."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import PurePath

from mingcha.records.contract import Table
from mingcha.records.tables import TABLES
from mingcha.records.tables.people import PERSON

NATIONAL_TABLES = {
    "mdtrtd": "visit",
    "setld": "settlement",
    "feelistd": "fee_line",
    "setllistdiagd": "diagnosis",
    "setllistoprnd": "operation",
    "psninsud": "enrolment",
    "psninfob": "person",
    "medinsinfob": "provider",
    "rtalphacb": "provider",
    "drinfob": "practitioner",
    "hilistb": "catalogue_item",
}
"""Names of the data centre's extract tables, squeezed, to our tables."""

PERSONAL_EXTRA = (
    "mdtrt_cert_no", "coner_name", "coner_tel", "coner_addr", "curr_addr", "emp_tel", "card_sn", "phone",
    "hcard_basinfo", "hcard_chkinfo", "就诊凭证编号", "联系人", "联系人姓名", "联系人电话", "联系人地址", "现住址",
    "家庭住址", "手机号", "手机号码", "电话号码", "参保人",
)  # fmt: skip
"""Headers of personal data the contract has no column for: never kept, not even in `ext` (DECISIONS 7)."""

_ABOUT_PEOPLE = re.compile(
    r"(患者|病人|参保人|联系人|家属|监护人|家长|本人|亲属)"  # not the staff
    r".*(姓名|电话|手机|地址|住址|证件|身份证)"
)
_UNIT = re.compile(r"[(（\[【].*?[)）\]】]\s*$")


def squeeze(header: str) -> str:
    """One spelling for all of `fixmedins_code`, `FIXMEDINS_CODE`, `fixmedinsCode` and `Fixmedins Code`."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", header).lstrip("\ufeff")).lower().strip("*:：")


@cache
def aliases(table_name: str) -> dict[str, tuple[tuple[str, int], ...]]:
    """Squeezed alias → the columns it may feed, each with the alias's rank (0 is the column's first name)."""
    found: dict[str, list[tuple[str, int]]] = {}
    for column in TABLES[table_name].columns:
        if column.time_of:
            names: tuple[str, ...] = (column.name,)
        else:
            names = (column.name, *column.national, column.zh, *column.headers)
        ranks: dict[str, int] = {}
        for rank, name in enumerate(names):
            ranks.setdefault(squeeze(name), rank)
        for name, rank in ranks.items():
            found.setdefault(name, []).append((column.name, rank))
    return {name: tuple(columns) for name, columns in found.items()}


@cache
def personal() -> dict[str, str | None]:
    """Squeezed headers of personal data → the secret column of `person` they fill, None when nothing keeps them."""
    found: dict[str, str | None] = {squeeze(name): None for name in PERSONAL_EXTRA}
    for column in PERSON.columns:
        if column.secret:
            for name in (column.name, *column.national, column.zh, *column.headers):
                found[squeeze(name)] = column.name
    return found


@dataclass(frozen=True)
class Headers:
    """How the headers of one source were read for one table.

    `columns`: contract column → positions of the source columns that feed it, best alias first. `personal`: secret
    column of `person` → position. `unknown`: positions kept in `ext`. `dropped`: personal data nothing keeps.
    """

    table: Table
    columns: dict[str, tuple[int, ...]]
    personal: dict[str, int]
    unknown: tuple[int, ...]
    dropped: tuple[int, ...]

    @property
    def missing(self) -> list[str]:
        """Required contract columns that no header feeds."""
        return [column.name for column in self.table.columns if column.required and column.name not in self.columns]


def read(table: Table, headers: list[str]) -> Headers:
    """Map the headers of a source to the columns of one table."""
    known, secrets = aliases(table.name), personal()
    fed: dict[str, list[tuple[int, int]]] = {}
    private: dict[str, int] = {}
    unknown, dropped = [], []
    for position, header in enumerate(headers):
        for spelling in (squeeze(header), squeeze(_UNIT.sub("", header))):
            if spelling in known:
                for column, rank in known[spelling]:
                    fed.setdefault(column, []).append((rank, position))
                break
            if spelling in secrets:
                target = secrets[spelling]
                if target is None or target in private:
                    dropped.append(position)
                else:
                    private[target] = position
                break
        else:
            (dropped if _ABOUT_PEOPLE.search(header) else unknown).append(position)
    for column in table.columns:
        if column.secret and column.name in fed:
            private[column.name], *others = [position for _, position in sorted(fed.pop(column.name))]
            dropped += others
    columns = {name: tuple(position for _, position in sorted(found)) for name, found in fed.items()}
    if "person" in table.names and "person" not in columns and "id_number" in private:
        columns["person"] = (private["id_number"],)  # an extract that names people by identity number only
    spare = {position for found in columns.values() for position in found[1:]}
    first = {found[0] for found in columns.values()}
    return Headers(table, columns, private, tuple(sorted({*unknown, *(spare - first)})), tuple(dropped))


def hinted(name: str) -> str | None:
    """The table a file or sheet name speaks of: `fee_line-2025.parquet`, `费用明细.xlsx`, `FEE_LIST_D.csv`."""
    stem = squeeze(PurePath(name).name.split(".")[0])
    spellings = {squeeze(word): table.name for table in TABLES.values() for word in (table.name, table.zh, table.en)}
    spellings |= NATIONAL_TABLES
    for spelling in sorted(spellings, key=len, reverse=True):
        if spelling in stem:
            return spellings[spelling]
    return None


def detect(headers: list[str], *names: str) -> Headers | None:
    """The table these headers belong to, helped by the file's and the sheet's name; None when they fit none."""
    hints = [hint for name in names if (hint := hinted(name))]
    best: tuple[float, Headers] | None = None
    for table in TABLES.values():
        found = read(table, headers)
        if len(found.columns) < min(2, len(headers)) or not found.columns:
            continue
        required = [column.name for column in table.columns if column.required]
        covered = sum(name in found.columns for name in required) / max(1, len(required))
        score = 4 * covered + len(found.columns) / len(headers) + (3 if table.name in hints[:1] else 0)
        if best is None or score > best[0]:
            best = (score, found)
    return best[1] if best and best[0] >= 2 else None


def recognised(row: list[str]) -> int:
    """How many cells of a row are headers we know in one same table: tells the header line from titles and data."""
    spellings = {squeeze(cell) for cell in row if cell} | {squeeze(_UNIT.sub("", cell)) for cell in row if cell}
    return max(len(spellings & aliases(name).keys()) for name in TABLES)


def unique(headers: list[str]) -> list[str]:
    """Headers with blanks named by position and repeated names numbered."""
    names = [header.strip().lstrip("\ufeff") or f"列{place}" for place, header in enumerate(headers, 1)]
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


def camel_to_snake(name: str) -> str:
    """`drugTracCodg` → `drug_trac_codg`; names without an inner capital stay as they are, in lower case."""
    if name.isupper() or not any(a.islower() and b.isupper() for a, b in pairwise(name)):
        return name.lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
