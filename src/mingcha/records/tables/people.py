"""Insured persons and their enrolments. Names and numbers of people stay out of the lake (DECISIONS 7)."""

from mingcha.records.contract import Column, Table, Type
from mingcha.records.tables.reference import AREAS

_C = Column

PERSON_NO = _C("person", Type.PERSON, "人员编号", "insured person, a token in the lake",
               ("psn_no", "patn_id"), ("参保人编号", "个人编号", "社保卡号", "患者编号"), True)

PERSON = Table(
    name="person", zh="参保人", en="Insured person",
    grain="one row per insured person",
    key=("person",),
    columns=(
        PERSON_NO,
        _C("sex", Type.CODE, "性别", "1 male, 2 female, 9 not stated", ("gend", "patn_gend"), (), False, "gend"),
        _C("birth_date", Type.DATE, "出生日期", "date of birth", ("brdy", "patn_brdy")),
        _C("death_date", Type.DATE, "死亡日期", "date of death", ("die_date",)),
        _C("person_name", Type.TEXT, "姓名", "name", ("psn_name", "patn_name"), ("参保人姓名", "患者姓名"), secret=True),
        _C("id_number", Type.TEXT, "证件号码", "identity document number", ("certno", "id_no"), ("身份证号", "身份证号码"), secret=True),
        _C("phone", Type.TEXT, "联系电话", "telephone", ("tel", "mob"), ("电话", "手机"), secret=True),
        _C("home_address", Type.TEXT, "联系地址", "address", ("addr", "live_addr"), ("住址",), secret=True),
        *AREAS,
    ),
)

ENROLMENT = Table(
    name="enrolment", zh="参保关系", en="Enrolment",
    grain="one row per person, insurance type, area and start",
    key=("person", "insurance", "fund_area_source", "start_day"),
    day="start_day",
    columns=(
        PERSON_NO,
        _C("insurance", Type.CODE, "险种类型", "insurance type", ("insutype",), ("险种",), True, "insutype"),
        _C("person_type", Type.CODE, "人员类别", "category of insured person", ("psn_type",), (), False, "psn_type"),
        _C("employer", Type.CODE, "单位编号", "employer", ("emp_no",)),
        _C("status", Type.CODE, "参保状态", "state of the enrolment", ("psn_insu_stas",)),
        _C("start_day", Type.DATE, "参保日期", "first day", ("psn_insu_date", "begndate"), (), True),
        _C("end_day", Type.DATE, "暂停参保日期", "last day, null while it lasts", ("paus_insu_date", "enddate")),
        *AREAS,
    ),
)
