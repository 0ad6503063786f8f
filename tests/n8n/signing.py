"""Events as another system signs them: by the text of Standard Webhooks, not by our own code."""

import base64
import hashlib
import hmac
import time
import uuid


def signed(secret: str, body: bytes, age: float = 0, **changes: str) -> dict[str, str]:
    id, timestamp = str(uuid.uuid4()), str(int(time.time() - age))
    message = f"{id}.{timestamp}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{digest}",
        **changes,
    }
