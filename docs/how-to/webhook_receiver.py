"""A receiver of Mingcha's webhooks: checks the signature, takes each message once, answers at once.

Python 3.9 or newer, nothing else. `python webhook_receiver.py 9000 whsec_…`
"""

import base64
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE = 300  # seconds a clock may differ; older messages may be somebody's replay
SECRET = sys.argv[2] if len(sys.argv) > 2 else ""
seen = set()  # keep it in your database: a message comes again when your answer was lost


def genuine(secret, headers, body):
    """Whether one of the signatures is good and the message fresh."""
    number, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.split("_", 1)[1])
    digest = hmac.new(key, f"{number}.{at}.".encode() + body, "sha256").digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    # While a secret is replaced there are two signatures; one of them must be ours.
    return any(hmac.compare_digest(one, wanted) for one in headers.get("webhook-signature", "").split(" "))


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 for what it took, 401 for what nobody signed."""

    def do_POST(self):
        """One message."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        good = genuine(SECRET, self.headers, body)
        number = self.headers.get("webhook-id")
        if good and number not in seen:
            seen.add(number)
            message = json.loads(body)
            print(message["timestamp"], message["type"], message["data"]["text"], flush=True)
        self.send_response(204 if good else 401)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
