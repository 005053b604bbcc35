"""The public number of a finding, derived from what it is about: a second run finds the same number (DECISIONS 1)."""

from base64 import b32encode
from hashlib import sha256

PREFIX = "YD"


def finding_id(fund_area: str, rule: str, frame: str, key: str) -> str:
    """YD and 16 letters of base32 from SHA-256 of fund area, rule, frame and key.

    `key` comes last, so a bar inside it cannot be mistaken for a separator. 80 bits: among 100 million findings a
    collision has a chance of 1 in 240 million, and the table's unique identity would refuse it.
    """
    digest = sha256(f"{fund_area}|{rule}|{frame}|{key}".encode()).digest()
    return PREFIX + b32encode(digest[:10]).decode()
