"""The simulator as a program: started for the tests, watched and driven over its control addresses."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import httpx
from pywa import WhatsApp, utils

NUMBER = "100000000000001"
WABA = "200000000000001"
APP = "300000000000001"
BUSINESS = "310000000000001"
TOKEN = "simulator-token"
APP_SECRET = "a-secret-of-the-tests"
VERIFY_TOKEN = "a-verify-token-of-the-tests"


class Simulator:
    def __init__(self, program: str) -> None:
        arguments = ["--pace", "instant", "--mps", "0", "--app-secret", APP_SECRET, "--verify-token", VERIFY_TOKEN]
        self.process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.base_url: str = json.loads(self.process.stdout.readline())["base_url"]
        self.http = httpx.Client(base_url=self.base_url, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"/_sim/{path}", params=query).raise_for_status().json()

    def post(self, path: str, body: Any) -> Any:
        return self.http.post(f"/_sim/{path}", json=body).raise_for_status().json()

    def say(self, who: str, kind: str, context: str | None = None, to: str | None = None, **content: Any) -> str:
        request = {"from": who, "to": to, "context": context, "say": {"kind": kind, **content}}
        return self.post("say", request)["id"]

    def entry(self, wamid: str) -> dict[str, Any]:
        """What the ledger knows of an accepted message."""
        entries = self.get("ledger", wamid=wamid)["entries"]
        assert len(entries) == 1, f"{wamid} is {len(entries)} times in the ledger"
        return entries[0]

    def lines(self, who: str) -> list[dict[str, Any]]:
        return self.get(f"phones/{who}")["chat"]

    def number(self, phone_id: str = NUMBER) -> dict[str, Any]:
        """What only the phone behind a number of the business knows."""
        return next(n for n in self.get("numbers")["numbers"] if n["id"] == phone_id)

    def settle(self) -> None:
        """Waits until every status and webhook is told."""
        self.post("clock", {"run_until_idle": True})

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(10)


class Loopback(httpx.HTTPTransport):
    """Counts the requests of a client, and lets none leave this machine."""

    requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "127.0.0.1", f"a request for {request.url.host}"
        self.requests += 1
        return super().handle_request(request)


def client(sim: Simulator, token: str = TOKEN, transport: Loopback | None = None, **options: Any) -> WhatsApp:
    """pywa in front of the simulator: it takes a session, and the address of a session is its owner's to set."""
    session = httpx.Client(transport=transport or Loopback())
    wa = WhatsApp(NUMBER, token, waba_id=WABA, app_id=APP, session=session, **options)
    session.base_url = f"{sim.base_url}/v{utils.Version.GRAPH_API.value}"
    return wa
