"""What the trail's codes mean. Every action that is entered anywhere has its words here; a house test looks."""

from __future__ import annotations

from mingcha.procedure import onboarding, review, rule_life

ACTIONS: dict[str, str] = {
    "session.login": "登录",
    "session.failed": "登录失败",
    "session.locked": "登录被锁定",
    "session.logout": "退出登录",
    "account.open": "开通账号",
    "account.password": "修改密码",
    "account.change": "调整账号",
    "account.disable": "停用账号",
    "account.enable": "启用账号",
    "account.reset-password": "重置密码",
    "account.unlock": "解除锁定",
    "account.end-sessions": "强制退出",
    "account.limit": "设定登录限制",
    "account.second-step-begin": "开始启用动态验证码",
    "account.second-step": "启用动态验证码",
    "account.second-step-end": "停用动态验证码",
    "account.second-step-reset": "清除动态验证码",
    "account.recovery-codes": "重新生成恢复码",
    "account.recovery": "用恢复码登录",
    "delegation.lend": "委托岗位",
    "delegation.end": "收回委托",
    "recusal.declare": "登记回避",
    "recusal.end": "截止回避",
    "access.ask": "申请权限",
    "access.approved": "同意权限申请",
    "access.declined": "不同意权限申请",
    "area.add": "增加区划",
    "area.change": "变更区划",
    "area.close": "关闭区划",
    "review.assign": "分派疑点",
    "review.keep-view": "保存筛选条件",
    "review.drop-view": "删除筛选条件",
    "review.terms": "设定审核期限",
    "review.paper": "上传疑点附件",
    "review.ask": "请专家评审",
    "review.opinion": "提交专家意见",
    "sampling.draw": "抽取样本",
    "sampling.give": "分派抽查病例",
    "sampling.answer": "提交抽查结论",
    "sampling.export": "导出抽查",
    "person.unmask": "查看隐去的个人信息",
    "audit.begin": "开始机审",
    "audit.record": "写入机审结果",
    "audit.report": "下载机审报告",
    "findings.export": "导出疑点清单",
    "finding.export": "从命令行导出疑点",
    "library.draft": "起草规则变更",
    "library.edit": "修改规则内容",
    "library.terms": "修改理由与生效日期",
    "library.check": "检查规则变更",
    "library.trial": "开始试算",
    "library.export": "下载知识点",
    "pack.install": "安装地方规则包",
    "pack.remove": "移除地方规则包",
    "onboarding.register": "登记机构接入",
    "onboarding.change": "修改联系方式",
    "onboarding.secrecy": "登记报文签名和加密",
    "onboarding.key": "发放密钥",
    "onboarding.revoke": "作废密钥",
    "onboarding.problem": "记录接入问题",
    "onboarding.solved": "关闭接入问题",
    "onboarding.strength": "设定提醒强度",
    "onboarding.strength-withdrawn": "撤销提醒强度",
    "onboarding.snooze": "暂停提示",
    "onboarding.snooze-ended": "提前恢复提示",
    "reminders.judge": "复核提醒",
    "reminders.unmask": "查看报文中的个人信息",
    "reminders.export": "导出提醒",
    "backup.write": "备份",
    "backup.keys": "另存密钥",
    "money.draft": "拟定扣款单",
    "money.approve": "审批扣款单",
    "money.discard": "作废扣款单",
    "money.receive": "登记到账",
    "money.export": "导出扣款单",
    "trail.verify": "核验操作审计",
    "trail.export": "导出操作审计",
}
ACTIONS = {f"library.{name}": f"规则变更{move.zh}" for name, move in rule_life.MOVES.items()} | ACTIONS
ACTIONS |= {f"onboarding.{name}": f"机构接入{move.zh}" for name, move in onboarding.MOVES.items()}
ACTIONS |= {f"review.{name}": f"疑点{move.zh}" for name, move in review.MOVES.items()}
ACTIONS |= {f"review.{name}": f"疑点{words[0]}" for name, words in review.CLOCKS.items()}

GROUPS: dict[str, tuple[str, ...]] = {
    "登录与账号": ("session", "account", "delegation", "recusal", "access", "area"),
    "个人信息": ("person",),
    "机审与疑点": ("audit", "findings", "finding", "review"),
    "扣款与资金": ("money",),
    "数据抽查": ("sampling",),
    "规则": ("library", "pack"),
    "机构与提醒": ("onboarding", "reminders"),
    "操作审计与备份": ("trail", "backup"),
}
"""Groups of actions by what stands before the dot; what is in none comes last."""

SUBJECTS: dict[str, tuple[str, str]] = {
    "account": ("账号", "account"),
    "person": ("参保人", ""),
    "setting": ("设定", ""),
    "area": ("区划", "area"),
    "audit": ("机审", ""),
    "finding": ("疑点", "finding"),
    "findings": ("疑点清单", ""),
    "review-act": ("批量审核", ""),
    "money-statement": ("扣款单", ""),
    "sampling": ("抽查", "sampling-plan"),
    "rule": ("规则", "rule"),
    "rule-draft": ("规则变更", "change"),
    "pack": ("规则包", ""),
    "onboarding": ("机构接入", "connection"),
    "reminder": ("提醒", "reminder"),
    "reminder-call": ("调用", "reminder-call"),
    "reminders": ("提醒清单", ""),
    "trail": ("操作审计", ""),
    "backup": ("备份", ""),
}
"""What a subject's kind is called, and the page that shows one."""

FIELDS: dict[str, str] = {
    "address": "来自", "reason": "理由", "display_name": "姓名", "organisation": "单位", "provider": "机构",
    "finding": "疑点", "attempts": "清除的失败次数", "for": "代谁办理", "answer": "答复", "parent": "上级区划",
    "name": "名称", "delegation": "委托编号",
    "role": "岗位", "scope": "辖区", "rows": "行数", "query": "筛选条件",
    "filter": "筛选条件", "tokens": "人员编号换成代号", "watermark": "数据水位", "pack": "规则包", "hash": "哈希",
    "added": "新增", "again": "再次命中", "changed": "金额有变", "same": "未变", "withdrawn": "撤回",
    "observations": "观察", "cannot_tell": "缺资料", "findings": "疑点", "lines": "明细行",
    "counted_fen": "计入金额（元）", "fen": "金额（元）", "moved": "办理条数", "passed_over": "未办理", "to": "去向",
    "given": "分派", "case": "病例",
    "rule": "规则", "intent": "意图", "revision": "修订", "valid_from": "生效日期", "valid_to": "失效日期",
    "version": "版本", "author": "起草人", "trial": "试算编号", "since": "从", "until": "到", "errors": "错误",
    "remarks": "提示", "parameter": "参数", "value": "值", "row": "知识点", "last": "最后一天", "table": "文件",
    "message": "提示语", "certainty": "程度", "area": "区划", "status": "状态", "key": "密钥", "environment": "环境",
    "replaces": "替换", "signed": "签名", "encrypted": "加密", "problem": "问题编号", "strength": "强度",
    "verdict": "结论", "sealed": "已封存", "head": "链头", "intact": "完好", "faults": "不一致",
    "wrong": "不一致的记录", "file": "文件", "day": "日期", "voucher": "凭证号",
    "moved_on": "已不在这一步", "kept_apart": "须由另一人办理", "not_yours": "岗位不符", "kind": "格式",
    "recused": "已登记回避", "department": "科室", "practitioner": "医师",
}  # fmt: skip
"""What a field of the detail is called, in the order they are told; one without words shows its name."""


def group_of(action: str) -> str:
    """The group an action stands under."""
    kind = action.partition(".")[0]
    return next((name for name, kinds in GROUPS.items() if kind in kinds), "其他")
