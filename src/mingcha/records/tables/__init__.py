"""The fact tables, in the order a reader meets them: who, where, care, money, stock, events."""

from mingcha.records.contract import Table
from mingcha.records.tables.care import DIAGNOSIS, OPERATION, ORDER_LINE, VISIT
from mingcha.records.tables.events import EVENT
from mingcha.records.tables.money import FEE_LINE, SETTLEMENT
from mingcha.records.tables.people import ENROLMENT, PERSON
from mingcha.records.tables.reference import CATALOGUE_ITEM, DEPARTMENT, DEVICE, PRACTITIONER, PROVIDER
from mingcha.records.tables.reports import REPORT
from mingcha.records.tables.stock import MOVEMENT, TRACE

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PROVIDER,
        DEPARTMENT,
        PRACTITIONER,
        DEVICE,
        CATALOGUE_ITEM,
        PERSON,
        ENROLMENT,
        VISIT,
        DIAGNOSIS,
        OPERATION,
        ORDER_LINE,
        REPORT,
        FEE_LINE,
        SETTLEMENT,
        MOVEMENT,
        TRACE,
        EVENT,
    )
}
