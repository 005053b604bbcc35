"""Messages taken in beside reminders: settlements, fee lines, stock, front pages, as the provider's system sends them.

Each is sealed and on the disk before it is acknowledged; `mingcha gate collect` brings them into the lake.
"""

from __future__ import annotations

import fcntl
import os
import time
from typing import Any

import msgspec

from mingcha.gate.envelope import Envelope, Refused, said, told
from mingcha.home.directory import Home
from mingcha.records.headers import camel_to_snake
from mingcha.records.spool import Growing
from mingcha.records.taken import CLOSED, OPEN, Taken, folder, sealer
from mingcha.records.transactions import ALONE, PAIRED

TRANSACTIONS = frozenset((*PAIRED, *ALONE))
"""Transactions that bring facts; the others say nothing that the lake keeps."""
_LARGE = 16 << 20  # bytes after which a file is closed
_encode = msgspec.json.Encoder().encode


class Intake:
    """One process's file of messages; made with the first one, closed now and then so that they can be collected."""

    def __init__(self, home: Home) -> None:
        self._folder = folder(home)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sealer = sealer(home)
        self._file: Growing | None = None

    async def take(self, read: Envelope, infno: str, provider: str, body: bytes) -> Any:
        """Keep a message; it is on the disk when this returns what it says.

        Refused when it says nothing, or speaks for others.
        """
        if not (said(read.input) or said(read.output)):
            raise Refused("缺少 input（交易输入）；转送应答时缺少 output（交易输出）。报文里没有可入库的内容。")
        tree = _tree(body)
        if (other := _other_provider(tree, provider)) is not None:
            raise Refused(f"报文里有其他机构（{other}）的数据。请只发送本机构 {provider} 的数据。")
        taken = Taken(infno, provider, told(read.msgid) or "", self._sealer.seal(body, provider.encode()))
        if self._file is None:
            self._file = self._fresh()
        await self._file.sure(_encode(taken))
        return tree

    def put_by(self) -> None:
        """Close the file for collecting, if anything is in it; what comes next goes into another."""
        file, self._file = self._file, None
        if file is not None:
            file.flush()
            file.path.rename(file.path.with_suffix(CLOSED))
            file.close()

    @property
    def is_full(self) -> bool:
        """Whether the file is large enough to be closed before its time."""
        return self._file is not None and os.fstat(self._file.file).st_size > _LARGE

    def _fresh(self) -> Growing:
        """A file of our own. The lock says that we live: whoever collects takes over the files of the dead."""
        while True:
            file = Growing(self._folder / f"{time.time_ns()}-{os.getpid()}{OPEN}")
            fcntl.flock(file.file, fcntl.LOCK_EX)
            if file.path.exists():  # nobody took it for a dead one's before it was locked
                return file
            file.close()


def _tree(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"报文不是有效的 JSON：{str(error)[:120]}。请检查编码（UTF-8）和引号、逗号。") from None
    except RecursionError:
        raise Refused("报文嵌套过深。请按接口规范发送。") from None


def _other_provider(node: Any, provider: str) -> str | None:
    """A provider that some part of the message names and that isn't its sender."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            for key, value in one.items():
                if camel_to_snake(key) != "fixmedins_code":
                    waiting.append(value)
                elif isinstance(value, str | int) and str(value).strip() not in ("", "null", "-", provider):
                    return str(value)[:40]
    return None
