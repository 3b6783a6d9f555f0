"""What the benches ask of pywa. Prints seconds, CPU seconds and how many updates reached a handler."""

import hashlib
import hmac
import json
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from pywa import WhatsApp, utils
from pywa.types import MessageStatus
from pywa.types.templates import BodyText, TemplateLanguage

APP_SECRET, NUMBER = sys.argv[2], sys.argv[3]


def webhook(path: str) -> None:
    """One body on each line of a file: checked, read, and its statuses handed to a handler."""
    wa = WhatsApp(NUMBER, "EAAGbench", server=None, app_secret=APP_SECRET, verify_token="bench")
    handled = 0

    @wa.on_message_status
    def count(_: WhatsApp, __: MessageStatus) -> None:
        nonlocal handled
        handled += 1

    with open(path, "rb") as file:
        bodies = [line.rstrip(b"\n") for line in file]
    signatures = ["sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest() for body in bodies]
    wall, cpu = time.perf_counter(), time.process_time()
    for body, signature in zip(bodies, signatures, strict=True):
        refused = wa.webhook_update_validator(body, signature)
        assert not refused, refused
        wa.webhook_update_handler(body)
    took = time.perf_counter() - wall, time.process_time() - cpu
    print(*took, handled)


def send(url: str, certificate: str, messages: int) -> None:
    """As many template messages over TLS, 64 on their way at once."""
    session = httpx.Client(verify=ssl.create_default_context(cafile=certificate), trust_env=False)
    wa = WhatsApp(NUMBER, "EAAGbenchtoken", session=session)
    session.base_url = f"{url}/v{utils.Version.GRAPH_API.value}"

    def one(i: int) -> None:
        sent = wa.send_template(
            f"27833{i:06}", "spring_offer", TemplateLanguage.ENGLISH, [BodyText.params("Thandi")], tracker="ck1.A"
        )
        assert sent.id

    one(0)
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(64) as pool:
        for _ in pool.map(one, range(messages)):
            pass
    print(time.perf_counter() - wall, time.process_time() - cpu, messages)


if sys.argv[1] == "webhook":
    webhook(sys.argv[4])
else:
    send(sys.argv[4], sys.argv[5], int(sys.argv[6]))
