"""A test message by one channel of an area, sent at once to an address typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mingcha.desk.notices import mail, sms
from mingcha.desk.notices.area_settings import settings_of
from mingcha.desk.notices.own import EMAIL, checked
from mingcha.desk.notices.sending import Failure
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

_BODY = "这是一封测试邮件。收到它，说明明察能用这台邮件服务器发送通知。\n"


def send(cursor: Any, home: Home, *, by: str, area: str, channel: str, to: str) -> None:
    """Send the test. UsageError for no address, a channel that isn't set up, and with what the server said."""
    cursor.execute("SELECT facts.in_scope(NULL, %s)", [area])
    if cursor.fetchone() != (True,):
        raise UsageError("请选择自己辖区之内的区划。", "Choose an area within your own.")
    here, to = settings_of(cursor, area), checked(channel, to)
    if channel not in here.channels or not to:
        raise UsageError("请先设定这个渠道，并填写收件的地址。", "Set the channel up first, and give an address.")
    enter(cursor, by=by, action="notices.try", subject=f"setting:notices@{area}", detail={"channel": channel})
    try:
        if channel == EMAIL:
            mail.deliver(home, here.mail, to, "【明察】测试邮件", _BODY)
        else:
            text = f"【{here.sms['signature']}】" * bool(here.sms.get("signature")) + "这是一条测试短信。"
            sms.adapter_of(home, here).send(to, text, uuid4().hex)
    except Failure as failure:
        raise UsageError(
            f"没有发出：{told(failure)}。请核对设定和密码。", f"Not sent: {failure}."
        ) from failure


_WORDS = {
    "the server can't be reached": "连不上服务器", "no secure connection": "不能建立加密连接",
    "the server refused user and password": "服务器不认用户名和密码",
    "the server refused the recipient": "服务器不收这个收件人", "the server answered": "服务器答复",
    "no answer": "服务器没有答复", "the name isn't known": "找不到这个主机名",
    "the name leads to an internal address, which the area doesn't allow": "主机名指向内网地址，本辖区不允许",
    "the robot answered errcode": "机器人答复错误码", "the robot's answer can't be read": "机器人的答复看不懂",
    "the gateway answered": "网关答复", "the gateway said": "网关没有受理，它答复",
    "the gateway's password can't be opened": "网关密码不能用本机的密钥打开",
    "MINGCHA_SMS_COMMAND isn't set": "本机没有设定 MINGCHA_SMS_COMMAND", "the program": "发送程序没有成功",
    "the secret can't be opened": "密钥不能用本机的密钥打开",
}  # fmt: skip


def told(failure: Failure) -> str:
    """The failure in Chinese, with what follows the known words."""
    words = str(failure)
    known = next((en for en in _WORDS if words.startswith(en)), None)
    return _WORDS[known] + words.removeprefix(known) if known else words
