"""What day it is where the fund is: offices, facts and deadlines keep Shanghai time (DECISIONS 9)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day in Shanghai, wherever the machine's clock thinks it is."""
    return datetime.now(SHANGHAI).date()
