"""A hospital's side in a page of Python: ask before an order is signed, say what was done. Standard library only.

    export MINGCHA_GATE=https://gate:8412/ MINGCHA_PROVIDER=H33050100001 MINGCHA_KEY=MK…:secret
    python hospital_client.py order.json

`order.json` holds `patient_dtos` as in 3101. Without a key it may ask from the gate's own machine only.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any


def signed(key: str) -> dict[str, str]:
    """The headers of a message under a key `name:secret`; a nonce serves one message."""
    if not key:
        return {}
    name, _, secret = key.partition(":")
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    signature = hashlib.sha256(f"{stamp}{secret}{nonce}{stamp}".encode()).hexdigest()
    return {"x-tif-paasid": name, "x-tif-timestamp": stamp, "x-tif-nonce": nonce, "x-tif-signature": signature}


def post(url: str, told: dict[str, Any], key: str) -> dict[str, Any]:
    """Send JSON and read the answer; never wait longer for it than a doctor would."""
    headers = {"content-type": "application/json", **signed(key)}
    request = urllib.request.Request(url, json.dumps(told, ensure_ascii=False).encode(), headers)
    with urllib.request.urlopen(request, timeout=2) as answer:
        return json.load(answer)


def main() -> int:
    """Ask about the order, show the cards, and accept the first; 1 when something has to change."""
    gate, provider = os.environ["MINGCHA_GATE"].rstrip("/"), os.environ["MINGCHA_PROVIDER"]
    key = os.environ.get("MINGCHA_KEY", "")
    service = f"{gate}/cds-services/mingcha-order-sign"
    context = {"fixmedins_code": provider, **json.loads(Path(sys.argv[1]).read_text("utf-8"))}
    hook = {"hook": "order-sign", "hookInstance": str(uuid.uuid4()), "context": context}
    try:
        cards = post(service, hook, key)["cards"]
    except OSError as error:
        print(f"没有得到提醒，医嘱照常签发：{error}")  # the gate never holds up a hospital
        return 0
    for card in cards:
        print(f"[{card['indicator']}] {card['summary']}\n    {card['detail']}\n    {card['source']['label']}")
    if cards:
        feedback = [{"card": cards[0]["uuid"], "outcome": "accepted"}]
        post(f"{service}/feedback", {"fixmedins_code": provider, "feedback": feedback}, key)
    return 1 if cards else 0


if __name__ == "__main__":
    sys.exit(main())
