"""The quickstart's job in Python: a file of people, a consented campaign, answers, opt-outs.

    python examples/python/campaign.py examples/data/contacts.csv

talks to the WhatsApp at CONEK_WHATSAPP_URL: a `conek-simulator` on this machine.
"""

import asyncio
import json
import os
import sys
import tempfile
import threading
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import conek


def simulator(path: str, **body: object) -> None:
    """Tells the simulator something. Meta is told in its own pages."""
    request = urllib.request.Request(
        os.environ["CONEK_WHATSAPP_URL"] + path, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=10).close()


def serve_webhooks(engine: conek.Engine, loop: asyncio.AbstractEventLoop) -> str:
    """One path of an HTTP server, handed to the engine. Any server does."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = conek.HttpRequest(
                method=self.command, path=self.path, headers=dict(self.headers.items()), body=body
            )
            done = asyncio.run_coroutine_threadsafe(engine.inbound.handle_http(request), loop).result()
            self.send_response(done.status)
            for name, value in done.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(done.body)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/webhook"


async def main(people: str, folder: str) -> None:
    env = os.environ
    # A Tuesday morning, so that marketing hours in South Africa are open whenever you try this.
    clock = conek.VirtualClock.at(datetime(2026, 11, 24, 7, 0, tzinfo=timezone.utc))
    clock.set_speed(20)
    simulator("/_sim/clock", to="2026-11-24T07:00:00Z", speed=20)
    config = conek.Config(
        path=os.path.join(folder, "karoo.db"), business="Karoo Coffee", privacy_contact="privacy@karoo.example",
        region="ZA", numbers=[conek.Number(env["CONEK_PHONE_NUMBER_ID"], per_second=1000)],
        whatsapp=conek.WhatsAppAccess(
            access_token=env["CONEK_WHATSAPP_TOKEN"], app_secrets=[env["CONEK_APP_SECRET"]],
            verify_token=env["CONEK_VERIFY_TOKEN"], base_url=env["CONEK_WHATSAPP_URL"]),
    )
    async with await conek.open(config, clock=clock) as engine:
        simulator("/_sim/webhooks", url=serve_webhooks(engine, asyncio.get_running_loop()))
        await engine.notices.publish(conek.NewNotice(
            language="en", title="Your data at Karoo Coffee", text="We keep your number to write to you. ...", summary="",
            contents=conek.NoticeContents(
                categories=["name and number"], controller="Karoo Coffee", address="12 Church Street, Graaff-Reinet",
                contact="privacy@karoo.example", officer="Thandi Maseko, privacy@karoo.example",
                purposes=[conek.NoticePurpose("comms.marketing", conek.LegalBasis.CONSENT)],
                mandatory=False, consequences="no offers", recipients=["WhatsApp"],
                transfers=[conek.NoticeTransfer("US", "Data Privacy Framework")],
                retention="until you say stop", authority="Information Regulator, inforegulator.org.za",
                rights=list(conek.NoticeRight), automated_decisions=False)))
        report = await engine.contacts.import_file(people, conek.ImportOptions(source="examples"))
        print(f"imported {report.created}, duplicates {report.duplicates}, rejected {report.rejected}")
        await engine.templates.put(conek.Template(
            name="spring_offer", language="en", category=conek.TemplateCategory.MARKETING, status="APPROVED",
            body="Spring is here at Karoo Coffee.", footer="Reply STOP to opt out"))
        plan = await engine.campaigns.plan(conek.CampaignSpec(
            name="Spring", audience=conek.Audience.Everyone(), template="spring_offer", language="en",
            purpose=conek.Purpose.MARKETING))
        print(f"planned {plan.planned}: {plan.now} now, {plan.later} later, {plan.denied} not")
        for row in plan.denied_by:
            print(f"  {row.people:6} {row.reason.code}: {row.reason.text} ({row.reason.provision})")
        await engine.campaigns.start(plan.id)
        for _ in range(60):
            await asyncio.sleep(0.25)
            done = await engine.campaigns.progress(plan.id)
            if done.waiting + done.sending + done.in_doubt == 0 and done.delivered + done.failed >= done.sent:
                break
        await asyncio.sleep(1)
        await engine.settle(10_000)
        done = await engine.campaigns.progress(plan.id)
        print(f"sent {done.sent} delivered {done.delivered} read {done.read} replied {done.replied} "
              f"opted out {done.opted_out} denied {done.denied} in doubt {done.in_doubt}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(sys.argv[1], folder))
