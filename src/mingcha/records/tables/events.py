"""Events around a visit: identity checks, terminal logs, video counts."""

from mingcha.records.contract import Column, Table, Type
from mingcha.records.tables.care import PROVIDER_NO
from mingcha.records.tables.reference import AREAS

_C = Column

EVENT = Table(
    name="event", zh="事件", en="Event",
    grain="one row per identity check, terminal action, video count or ward round",
    key=("provider", "event"),
    day="event_day",
    columns=(
        PROVIDER_NO,
        _C("event", Type.KEY, "事件编号", "event, unique within its provider", ("event_id",), (), True),
        _C("kind", Type.CODE, "事件种类", "identity, terminal, video, round, trial (a subject taken into one)", ("event_kind",), (), True),
        _C("visit", Type.CODE, "就诊ID", "visit it belongs to", ("mdtrt_id",), ("就诊编号",)),
        _C("person", Type.PERSON, "人员编号", "person, a token in the lake", ("psn_no",)),
        _C("event_day", Type.DATE, "发生时间", "day", ("event_time", "opt_time"), (), True),
        _C("event_second", Type.SECOND, "发生时刻", "time", time_of="event_day"),
        _C("result", Type.CODE, "结果", "passed, failed, count, number of the trial …", ("result",)),
        _C("count", Type.INTEGER, "数目", "persons or beds counted", ("count",)),
        _C("terminal", Type.CODE, "终端", "terminal or camera", ("dev_no", "terminal_id")),
        *AREAS,
    ),
)
