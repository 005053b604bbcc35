"""The gate described as OpenAPI 3.1, its shapes taken from those that messages are read with."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from mingcha import __version__
from mingcha.gate.cards import SERVICES, Cards, Context, Hook, Outcomes
from mingcha.gate.feedback import Feedback
from mingcha.gate.intake import TRANSACTIONS
from mingcha.gate.request import Analysis

_SHAPES = (Analysis, Feedback, Hook, Context, Cards, Outcomes)


@cache
def document() -> bytes:
    """The description as JSON."""
    (_, *_), components = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
    return msgspec.json.encode({
        "openapi": "3.1.0",
        "info": {"title": "明察 接口服务 Mingcha gate", "version": __version__},
        "components": {
            "schemas": components | {"Envelope": _ENVELOPE, "Answer": _ANSWER},
            "securitySchemes": {
                "signature": {"type": "apiKey", "in": "header", "name": "x-tif-signature", "description": _SIGNED}
            },
        },
        "security": [{"signature": []}],
        "paths": {
            **{f"/fsi/{infno}": _transaction(infno, words, shape) for infno, words, shape in _NATIONAL},
            "/fsi/{infno}": _taken(),
            "/cds-services": {"get": _get("有哪些服务。Discovery.")},
            "/cds-services/{id}": _cards("钩子：返回提醒卡片。Cards of a hook.", "Hook", "Cards"),
            "/cds-services/{id}/feedback": _cards("卡片的处理结果。What became of cards.", "Outcomes", None),
            "/health": {"get": _get("活着。Alive.")},
            "/ready": {"get": _get("以哪版规则、到哪一批的历史应答。What it answers with.")},
            "/metrics": {"get": _get("Prometheus 指标。Metrics.")},
        },
    })  # fmt: skip


_NATIONAL = (
    ("3101", "事前分析。Before an order is signed.", "Analysis"),
    ("3102", "事中分析。Before a settlement.", "Analysis"),
    ("3103", "对提醒的处理。What was done about reminders.", "Feedback"),
)
_SIGNED = "lower(hex(SHA256(timestamp + key + nonce + timestamp))), x-tif-timestamp and x-tif-nonce beside it"
_ENVELOPE = {
    "type": "object",
    "required": ["infno", "msgid", "fixmedins_code", "input"],
    "properties": {
        "infno": {"type": "string"}, "msgid": {"type": "string"}, "fixmedins_code": {"type": "string"},
        "mdtrtarea_admvs": {"type": "string"}, "insuplc_admdvs": {"type": "string"}, "input": {},
    },
}  # fmt: skip
_ANSWER = {
    "type": "object",
    "properties": {
        "infcode": {"type": "integer", "enum": [0, -1]}, "inf_refmsgid": {"type": "string"},
        "err_msg": {"type": "string"}, "warn_msg": {"type": "string"}, "output": {"type": "object"},
    },
}  # fmt: skip


def _transaction(infno: str, words: str, shape: str) -> dict[str, Any]:
    told = {"type": "object", "properties": {"input": _shape(shape)}}
    return {"post": {
        "operationId": f"transaction{infno}", "summary": words,
        "requestBody": _body({"allOf": [_shape("Envelope"), told]}), "responses": {"200": _answer(_shape("Answer"))},
    }}  # fmt: skip


def _taken() -> dict[str, Any]:
    values = {"type": "string", "enum": sorted(TRANSACTIONS)}
    names = {"name": "infno", "in": "path", "required": True, "schema": values}
    return {"parameters": [names], "post": {
        "operationId": "take", "summary": "结算、明细、清单、病案首页、进销存等报文入库。Messages taken in.",
        "requestBody": _body(_shape("Envelope")), "responses": {"200": _answer(_shape("Answer"))},
    }}  # fmt: skip


def _cards(words: str, asked: str, answer: str | None) -> dict[str, Any]:
    names = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "enum": sorted(SERVICES)}}
    told = _answer(_shape(answer) if answer else {"type": "object"})
    return {"parameters": [names], "post": {
        "summary": words, "requestBody": _body(_shape(asked)),
        "responses": {"200": told, "400": {"description": "哪里不对。What is wrong."}},
    }}  # fmt: skip


def _get(words: str) -> dict[str, Any]:
    return {"summary": words, "security": [], "responses": {"200": {"description": words}}}


def _shape(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(shape: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": shape}}}


def _answer(shape: dict[str, Any]) -> dict[str, Any]:
    return {"description": "应答。Answer.", "content": {"application/json": {"schema": shape}}}
