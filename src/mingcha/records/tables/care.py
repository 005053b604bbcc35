"""Visits and what was found, done and ordered in them."""

from mingcha.records.contract import Column, Table, Type
from mingcha.records.tables.people import PERSON_NO
from mingcha.records.tables.reference import AREAS

_C = Column

PROVIDER_NO = _C("provider", Type.KEY, "机构编号", "provider",
                 ("fixmedins_code", "medins_id", "medins_code"), ("定点医药机构编号", "定点机构编号", "医疗机构编码", "机构代码", "机构编码"), True)
VISIT_NO = _C("visit", Type.KEY, "就诊ID", "visit, unique within its provider", ("mdtrt_id",), ("就诊编号", "住院号", "就诊流水号"), True)

VISIT = Table(
    name="visit", zh="就诊", en="Visit",
    grain="one row per outpatient visit, purchase or inpatient stay",
    key=("provider", "visit"),
    day="start_day",
    columns=(
        VISIT_NO,
        PROVIDER_NO,
        PERSON_NO,
        _C("visit_type", Type.CODE, "医疗类别", "kind of care", ("med_type",), (), True, "med_type"),
        _C("insurance", Type.CODE, "险种类型", "insurance type", ("insutype",), ("险种",), False, "insutype"),
        _C("person_type", Type.CODE, "人员类别", "category of insured person", ("psn_type",), (), False, "psn_type"),
        _C("sex", Type.CODE, "性别", "1 male, 2 female, 9 not stated", ("gend", "patn_gend"), (), False, "gend"),
        _C("birth_date", Type.DATE, "出生日期", "date of birth", ("brdy", "patn_brdy")),
        _C("start_day", Type.DATE, "开始时间", "day of visit or admission",
           ("begntime", "adm_time", "adm_date", "begndate"), ("入院时间", "入院日期", "就诊时间", "就诊日期"), True),
        _C("start_second", Type.SECOND, "开始时刻", "time of visit or admission", time_of="start_day"),
        _C("end_day", Type.DATE, "结束时间", "day of discharge, null while in hospital",
           ("endtime", "dscg_time", "dscg_date", "enddate"), ("出院时间", "出院日期")),
        _C("end_second", Type.SECOND, "结束时刻", "time of discharge", time_of="end_day"),
        _C("department", Type.CODE, "科室编码", "department", ("adm_dept_codg", "dept_code"), ("入院科室编码",)),
        _C("department_name", Type.TEXT, "科室名称", "name of the department", ("adm_dept_name", "dept_name"), ("入院科室",)),
        _C("practitioner", Type.CODE, "主治医师编码", "attending doctor", ("atddr_no", "chfpdr_code"), ("医师编码",)),
        _C("main_diagnosis", Type.CODE, "主要诊断编码", "main diagnosis, discharge before admission",
           ("dscg_maindiag_code", "dscg_main_dise_codg"), ("主诊断编码", "出院诊断编码")),
        _C("main_diagnosis_name", Type.TEXT, "主要诊断名称", "name of the main diagnosis", ("dscg_maindiag_name",), ("主诊断", "出院诊断")),
        _C("disease_program", Type.CODE, "病种编码", "special disease or case-mix programme", ("dise_codg", "dise_no")),
        _C("admission_way", Type.CODE, "入院途径", "how the patient came into hospital", ("adm_way", "adm_way_code"), (), False, "adm_way"),
        _C("discharge_way", Type.CODE, "离院方式", "how the patient left", ("dscg_way",), (), False, "dscg_way"),
        _C("planned_readmission", Type.FLAG, "计划再入院", "a further stay was planned at discharge", ("repeat_ipt_flag",)),
        _C("ventilator_minutes", Type.MINUTES, "呼吸机使用时长", "time on a ventilator", ("vent_used_dura",)),
        _C("icu_minutes", Type.MINUTES, "重症监护合计时长", "time in intensive care", ("scs_cutd_sum_dura",), ("重症监护时长",)),
        _C("special_nursing_days", Type.INTEGER, "特级护理天数", "days of special nursing", ("spga_nurscare_days",)),
        _C("first_nursing_days", Type.INTEGER, "一级护理天数", "days of first-grade nursing", ("lv1_nurscare_days",)),
        _C("second_nursing_days", Type.INTEGER, "二级护理天数", "days of second-grade nursing", ("scd_nurscare_days",)),
        _C("third_nursing_days", Type.INTEGER, "三级护理天数", "days of third-grade nursing", ("lv3_nurscare_days",)),
        _C("channel", Type.CODE, "支付地点", "place of payment; 5 is internet care", ("pay_loc",), (), False, "pay_loc"),
        *AREAS,
    ),
)

DIAGNOSIS = Table(
    name="diagnosis", zh="诊断", en="Diagnosis",
    grain="one row per visit, source and diagnosis",
    key=("provider", "visit", "source", "code"),
    day="day_source",
    columns=(
        PROVIDER_NO,
        VISIT_NO,
        PERSON_NO,
        _C("code", Type.KEY, "诊断编码", "ICD-10, national edition 2.0", ("diag_code",), ("疾病编码",), True),
        _C("name", Type.TEXT, "诊断名称", "name", ("diag_name",), ("疾病名称",)),
        _C("kind", Type.CODE, "诊断类别", "western, TCM disease, TCM syndrome", ("diag_type",), (), False, "diag_type"),
        _C("is_main", Type.FLAG, "主诊断标志", "whether it is the main diagnosis", ("maindiag_flag",)),
        _C("in_out", Type.CODE, "出入院诊断类别", "on admission or at discharge", ("inout_diag_type",), (), False, "inout_diag_type"),
        _C("source", Type.KEY, "来源交易", "transaction or file it came with", ("source",)),
        _C("day_source", Type.DATE, "诊断日期", "day of the diagnosis, else of the visit", ("diag_time", "diag_date"), ("诊断时间",), True),
        *AREAS,
    ),
)

OPERATION = Table(
    name="operation", zh="手术操作", en="Operation",
    grain="one row per visit and operation in order",
    key=("provider", "visit", "sequence"),
    day="start_day",
    columns=(
        PROVIDER_NO,
        VISIT_NO,
        PERSON_NO,
        _C("sequence", Type.KEY, "序号", "order within the visit", ("oprn_oprt_sn", "seq")),
        _C("code", Type.CODE, "手术操作代码", "ICD-9-CM-3, national edition 2.0", ("oprn_oprt_code",), ("手术编码",), True),
        _C("name", Type.TEXT, "手术操作名称", "name", ("oprn_oprt_name",)),
        _C("is_main", Type.FLAG, "主手术标志", "whether it is the main operation", ("main_oprn_flag",)),
        _C("start_day", Type.DATE, "手术开始时间", "day it began", ("oprn_oprt_begntime", "oprn_oprt_date"), ("手术日期",), True),
        _C("start_second", Type.SECOND, "手术开始时刻", "time it began", time_of="start_day"),
        _C("end_day", Type.DATE, "手术结束时间", "day it ended", ("oprn_oprt_endtime",)),
        _C("end_second", Type.SECOND, "手术结束时刻", "time it ended", time_of="end_day"),
        _C("practitioner", Type.CODE, "术者编码", "surgeon", ("oper_dr_code",)),
        *AREAS,
    ),
)

ORDER_LINE = Table(
    name="order_line", zh="医嘱与处方", en="Order or prescription line",
    grain="one row per ordered item",
    key=("provider", "visit", "order_no"),
    day="start_day",
    columns=(
        PROVIDER_NO,
        VISIT_NO,
        PERSON_NO,
        _C("order_no", Type.KEY, "医嘱明细号", "line of the order", ("rx_id", "drord_detl_sn"), ("医嘱号",), True),
        _C("prescription", Type.CODE, "处方号", "prescription or group", ("rxno", "drord_no", "rx_drord_no")),
        _C("group_no", Type.CODE, "组号", "group given together", ("grpno",)),
        _C("is_long_term", Type.FLAG, "长期医嘱标志", "standing order", ("long_drord_flag",)),
        _C("item", Type.CODE, "项目编码", "national item code", ("med_list_codg", "hilist_code"), ("国家编码", "医保编码")),
        _C("item_name", Type.TEXT, "项目名称", "name as ordered", ("hilist_name", "medins_list_name"), ("药品名称", "医嘱名称"), True),
        _C("spec", Type.TEXT, "规格", "specification", ("spec", "drug_spec")),
        _C("dosage_form", Type.TEXT, "剂型", "dosage form", ("hilist_dosform", "drug_dosform")),
        _C("quantity", Type.QUANTITY, "数量", "quantity ordered", ("cnt",)),
        _C("unit_price", Type.PRICE, "单价", "unit price", ("pric",)),
        _C("amount", Type.FEN, "金额", "amount ordered", ("sumamt",)),
        _C("dose", Type.TEXT, "单次剂量", "single dose as written", ("sin_dos_dscr",), ("剂量",)),
        _C("frequency", Type.TEXT, "频次", "frequency as written", ("used_frqu_dscr",)),
        _C("days_supply", Type.INTEGER, "用药天数", "days the order supplies", ("prd_days",), ("天数",)),
        _C("route", Type.TEXT, "途径", "route", ("medc_way_dscr",), ("用法",)),
        _C("start_day", Type.DATE, "开始时间", "day it begins", ("drord_begn_date", "drord_begntime"), ("医嘱开始时间", "开立时间"), True),
        _C("start_second", Type.SECOND, "开始时刻", "time it begins", time_of="start_day"),
        _C("end_day", Type.DATE, "停止时间", "day it stops", ("drord_stop_date", "drord_endtime"), ("医嘱停止时间",)),
        _C("end_second", Type.SECOND, "停止时刻", "time it stops", time_of="end_day"),
        _C("department", Type.CODE, "开单科室编码", "ordering department", ("drord_dept_codg", "bilg_dept_codg")),
        _C("practitioner", Type.CODE, "开单医师编码", "ordering doctor", ("drord_dr_codg", "bilg_dr_codg")),
        *AREAS,
    ),
    money="amount",
)
