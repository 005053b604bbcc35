"""Providers, their departments and staff, and the catalogue: dated reference tables."""

from mingcha.records.contract import Column, Table, Type

_C = Column

VALIDITY = (
    _C("valid_from", Type.DATE, "生效日期", "first day this version is in force", ("begndate", "valid_from"), ("开始日期",)),
    _C("valid_to", Type.DATE, "失效日期", "last day in force, null while it lasts", ("enddate", "valid_to"), ("结束日期",)),
)

AREAS = (
    _C("fund_area_source", Type.CODE, "参保地医保区划", "area where the person is insured",
       ("insuplc_admdvs", "insu_admdvs"), ("参保地", "参保地区划", "参保区划")),
    _C("care_area_source", Type.CODE, "就医地医保区划", "area of the place of care",
       ("mdtrtarea_admvs", "fix_blng_admdvs", "mdtrtarea_admdvs"), ("就医地", "就医地区划", "机构区划")),
)
"""Optional area columns of every fact; import fills `fund_area` and `care_area` from them, the mapping or the provider."""

PROVIDER = Table(
    name="provider", zh="定点医药机构", en="Designated provider",
    grain="one row per provider and period of validity",
    key=("provider", "valid_from"),
    columns=(
        _C("provider", Type.KEY, "机构编号", "national code of the provider",
           ("fixmedins_code", "medins_id", "medins_code"), ("定点医药机构编号", "定点机构编号", "医疗机构编码", "机构代码", "机构编码"), True),
        _C("name", Type.TEXT, "机构名称", "name", ("fixmedins_name", "medins_name"), ("定点医药机构名称", "医疗机构名称"), True),
        _C("type", Type.CODE, "机构类别", "1 hospital or clinic, 2 pharmacy", ("fixmedins_type",), ("机构类型",), True, "fixmedins_type"),
        _C("level", Type.CODE, "医院等级", "national grade 01–14", ("hosp_lv", "medins_lv"), ("机构等级", "医院级别"), False, "hosp_lv"),
        _C("ownership", Type.CODE, "机构性质", "public or private", ("medins_natu", "econ_type"), ("经济类型",)),
        _C("beds", Type.INTEGER, "核定床位数", "approved beds", ("aprv_bed_cnt", "bed_cnt"), ("床位数",)),
        _C("area", Type.CODE, "医保区划", "area that supervises the provider",
           ("fix_blng_admdvs", "admdvs", "mdtrtarea_admvs"), ("行政区划", "所属区划"), True),
        _C("address", Type.TEXT, "地址", "address", ("addr",)),
        _C("group_code", Type.CODE, "集团或连锁编码", "group or chain it belongs to", ("bloc_fixmedins_code",)),
        _C("contract_status", Type.CODE, "协议状态", "service agreement in force, suspended or ended"),
        *VALIDITY,
    ),
)

DEPARTMENT = Table(
    name="department", zh="科室", en="Department of a provider",
    grain="one row per provider, department and period of validity",
    key=("provider", "department", "valid_from"),
    columns=(
        _C("provider", Type.KEY, "机构编号", "national code of the provider",
           ("fixmedins_code", "medins_code"), ("定点医药机构编号",), True),
        _C("department", Type.KEY, "科室编码", "code inside the provider", ("hosp_dept_codg", "dept_code"), ("科室代码",), True),
        _C("name", Type.TEXT, "科室名称", "name", ("hosp_dept_name", "dept_name"), (), True),
        _C("specialty", Type.CODE, "科别", "national specialty code", ("caty",)),
        _C("beds", Type.INTEGER, "床位数", "beds", ("aprv_bed_cnt",)),
        *VALIDITY,
    ),
)

PRACTITIONER = Table(
    name="practitioner", zh="医保医师、药师、护士", en="Practitioner",
    grain="one row per practitioner, provider and period of validity",
    key=("practitioner", "provider", "valid_from"),
    columns=(
        _C("practitioner", Type.KEY, "人员编码", "national code of the practitioner",
           ("dr_codg", "bilg_dr_codg", "phar_code", "prac_psn_code"), ("医师编码", "医保医师代码", "药师编码"), True),
        _C("name", Type.TEXT, "姓名", "name of the member of staff", ("dr_name", "prac_psn_name"), ("医师姓名",)),
        _C("kind", Type.CODE, "人员类别", "doctor, nurse, pharmacist, technician", ("prac_psn_type",)),
        _C("provider", Type.KEY, "机构编号", "provider where registered", ("fixmedins_code",), ("定点医药机构编号",), True),
        _C("department", Type.CODE, "科室编码", "department", ("hosp_dept_codg",)),
        _C("title", Type.CODE, "职称", "professional title", ("drord_dr_profttl", "pro_tech_duty"), (), False, "drord_dr_profttl"),
        _C("licence_scope", Type.TEXT, "执业范围", "scope of practice"),
        *VALIDITY,
    ),
)

DEVICE = Table(
    name="device", zh="医用设备", en="Medical device of a provider",
    grain="one row per provider, device and period of validity",
    key=("provider", "device", "valid_from"),
    columns=(
        _C("provider", Type.KEY, "机构编号", "provider that registered it",
           ("fixmedins_code", "medins_code"), ("定点医药机构编号",), True),
        _C("device", Type.KEY, "设备编号", "number of the device inside the provider", (), ("设备号",), True),
        _C("device_class", Type.CODE, "设备类别", "what it is: ct, mri, dr, ultrasound …", (), (), True, "device_class"),
        _C("name", Type.TEXT, "设备名称", "name and model", (), ("设备型号",)),
        _C("registration", Type.CODE, "注册证号", "registration certificate", (), ("医疗器械注册证号",)),
        *VALIDITY,
    ),
)

CATALOGUE_ITEM = Table(
    name="catalogue_item", zh="目录项目", en="Catalogue item",
    grain="one row per item, area and period of validity",
    key=("item", "area", "valid_from"),
    columns=(
        _C("item", Type.KEY, "医疗目录编码", "national item code",
           ("med_list_codg", "hilist_code"), ("国家编码", "国家医保编码", "项目编码", "医保编码"), True),
        _C("name", Type.TEXT, "项目名称", "name", ("hilist_name", "med_list_name"), ("目录名称", "药品名称"), True),
        _C("list_type", Type.CODE, "目录类别", "drug, TCM piece, service, consumable", ("list_type",), (), False, "list_type"),
        _C("item_class", Type.CODE, "收费项目等级", "class 甲, 乙 or 丙", ("chrgitm_lv",), ("甲乙类",), False, "chrgitm_lv"),
        _C("generic", Type.TEXT, "通用名", "generic name", ("generic_name", "drug_genname")),
        _C("spec", Type.TEXT, "规格", "specification", ("spec",)),
        _C("dosage_form", Type.TEXT, "剂型", "dosage form", ("dosform_name", "dosform")),
        _C("unit", Type.TEXT, "计价单位", "unit of price", ("prcunt", "unit")),
        _C("ceiling", Type.PRICE, "限价", "price ceiling, null when there is none", ("hilist_pric_uplmt_amt", "pric_uplmt_amt"), ("定价上限金额", "支付标准")),
        _C("restriction", Type.TEXT, "限定支付范围", "official payment limit, verbatim", ("lmt_cont", "memo"), ("备注",)),
        _C("area", Type.CODE, "医保区划", "area whose catalogue this is", ("insu_admdvs", "admdvs"), (), True),
        *VALIDITY,
    ),
)
