"""Reports of examinations and tests (transactions 4501–4503): what was really done."""

from mingcha.records.contract import Column, Table, Type
from mingcha.records.tables.care import PROVIDER_NO
from mingcha.records.tables.reference import AREAS

_C = Column

REPORT = Table(
    name="report", zh="检查检验报告", en="Report of an examination or test",
    grain="one row per report, item and indicator; a report without indicators has one row per item",
    key=("provider", "report", "item", "indicator"),
    day="reported_day",
    columns=(
        PROVIDER_NO,
        _C("report", Type.KEY, "报告单号", "report, unique within its provider", ("rpotc_no",), ("报告编号", "报告号"), True),
        _C("visit", Type.CODE, "就诊ID", "visit it belongs to", ("mdtrt_id",), ("就诊编号", "住院号")),
        _C("person", Type.PERSON, "人员编号", "person, a token in the lake", ("psn_no",)),
        _C("kind", Type.CODE, "报告类别", "imaging, lab, culture or pathology", (), (), True, "report_kind"),
        _C("item", Type.KEY, "检查检验项目代码", "national item code of what was done", ("exam_item_code",), ("国家编码", "医保编码", "检查项目代码", "检验项目代码")),
        _C("item_name", Type.TEXT, "检查检验项目名称", "its name", ("exam_item_name",), ("检查项目名称", "检验项目名称")),
        _C("requested_day", Type.DATE, "申请日期", "day it was asked for"),
        _C("performed_day", Type.DATE, "检查日期", "day it was done, of a test the day of the sample", ("exam_date", "sapl_date", "study_time"), ("采样日期",)),
        _C("performed_second", Type.SECOND, "检查时刻", "time it was done", time_of="performed_day"),
        _C("reported_day", Type.DATE, "报告日期", "day of the report", ("rpt_date",), ("报告时间",), True),
        _C("reported_second", Type.SECOND, "报告时刻", "time of the report", time_of="reported_day"),
        _C("device", Type.CODE, "设备编号", "device it was done with", (), ("设备号",)),
        _C("images", Type.INTEGER, "图像数量", "number of images", ("image_count",), ("图像数",)),
        _C("study", Type.CODE, "影像全局唯一号", "unique number of the images", ("study_uid",)),
        _C("indicator", Type.KEY, "检验指标代码", "code of the indicator measured", ("exam_item_detl_code",), ("检验项目明细代码", "指标代码")),
        _C("indicator_name", Type.TEXT, "检验指标名称", "its name", ("exam_item_detl_name",), ("检验项目明细名称", "指标名称")),
        _C("result", Type.QUANTITY, "检验结果数值", "result in numbers", ("exam_rslt_val",), ("结果值",)),
        _C("unit", Type.TEXT, "检验计量单位", "unit of the result", ("exam_unt",), ("结果单位",)),
        _C("is_positive", Type.FLAG, "阳性标志", "whether something was found", ("exam_rslt_poit_flag",)),
        _C("conclusion", Type.DIGEST, "检查结论", "what the report concludes", ("exam_ccls",), ("诊断结论", "报告结论")),
        _C("practitioner", Type.CODE, "开单医师编码", "doctor who asked for it", ("bilg_dr_codg",)),
        _C("is_valid", Type.FLAG, "有效标志", "false for a report that was withdrawn", ("vali_flag",)),
        *AREAS,
    ),
)
