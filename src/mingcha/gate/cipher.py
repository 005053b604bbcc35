"""Messages that a provider signs with SM2 and encrypts with SM4 (reference: interface §1.4); plain ones pass by.

`cainfo` is the Base64 of the SM2 signature on the input's JSON, the user being the provider's client number; `input` is
the Base64 of that JSON under SM4-ECB with PKCS#7, the key being the client number's 16 bytes. Answers to encrypted
messages are encrypted alike; they aren't signed, the connection says who speaks.
"""

from __future__ import annotations

import base64
import binascii

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from mingcha.gate.envelope import Envelope, Refused, told
from mingcha.knowledge.bundle import Secrecy
from mingcha.records import sm2


def opened(read: Envelope, body: bytes, secrecy: Secrecy) -> tuple[Envelope, bytes]:
    """Envelope and body with the input in plain. Refused when it isn't signed or encrypted as agreed, or wrongly."""
    plain = bytes(read.input)
    if secrecy.encrypted:
        if plain[:1] != b'"':
            raise Refused("本机构登记为加密传输，input 应为 SM4 加密后的 Base64 文本。")
        plain = _decrypted(msgspec.json.decode(plain), secrecy.client)
    if secrecy.public_key and not _signed(told(read.cainfo), plain, secrecy):
        raise Refused("cainfo 签名不对：请对加密前的 input 用 SM2（SM3 摘要）签名，用户标识为接入登记的客户端编号。")
    if not secrecy.encrypted:
        return read, body
    tree = msgspec.json.decode(body)
    names = {name.lower(): name for name in tree}
    tree |= {names["input"]: _json(plain), names.get("cainfo", "cainfo"): "", names.get("enc_type", "enc_type"): ""}
    return msgspec.structs.replace(read, input=msgspec.Raw(plain)), msgspec.json.encode(tree)


def closed(answer: bytes, secrecy: Secrecy) -> bytes:
    """An answer with its output encrypted."""
    tree = msgspec.json.decode(answer)
    output = msgspec.json.encode(tree["output"])
    return msgspec.json.encode(tree | {"output": encrypted(output, secrecy.client), "enctype": "SM4"})


def encrypted(plain: bytes, client: str) -> str:
    """The Base64 of SM4-ECB with PKCS#7 under the client number's 16 bytes."""
    padder = PKCS7(128).padder()
    box = _sm4(client).encryptor()
    return base64.b64encode(box.update(padder.update(plain) + padder.finalize()) + box.finalize()).decode()


def _decrypted(text: str, client: str) -> bytes:
    try:
        box, unpadder = _sm4(client).decryptor(), PKCS7(128).unpadder()
        return unpadder.update(box.update(base64.b64decode(text, validate=True)) + box.finalize()) + unpadder.finalize()
    except (ValueError, binascii.Error):
        raise Refused("input 解不开：请用登记的客户端编号作 SM4 密钥（ECB，PKCS7），再转 Base64。") from None


def _signed(cainfo: str | None, plain: bytes, secrecy: Secrecy) -> bool:
    try:
        signature = base64.b64decode(cainfo or "", validate=True)
    except binascii.Error:
        return False
    return sm2.verify(sm2.public_key(secrecy.public_key), secrecy.client.encode(), plain, signature)


def _sm4(client: str) -> Cipher:
    return Cipher(algorithms.SM4(client.encode()), modes.ECB())


def _json(plain: bytes) -> msgspec.Raw:
    """The text that was encrypted, as part of a larger one. Refused when it is no JSON."""
    try:
        msgspec.json.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("input 解密后不是有效的 JSON。请检查编码（UTF-8）。") from None
    return msgspec.Raw(plain)
