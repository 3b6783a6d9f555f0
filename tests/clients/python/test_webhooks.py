"""Webhooks: pywa's own server registers itself, proves itself, and understands everything it is told."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pywa.types import (
    Button,
    CallbackButton,
    CallbackSelection,
    Message,
    MessageStatus,
    MessageStatusType,
    MessageType,
    Section,
    SectionList,
    SectionRow,
    TemplateStatusUpdate,
    UserMarketingPreferences,
)
from pywa.types.templates import TemplateStatus
from pywa.types.user_preferences import MarketingPreference
from simulator import APP, APP_SECRET, NUMBER, VERIFY_TOKEN, Simulator, client

SIPHO = "27825550120"


class Bot:
    """A bot as pywa's users write one; what its handlers get is kept."""

    def __init__(self, sim: Simulator) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.got: queue.Queue[Any] = queue.Queue()
        self.wa = client(
            sim,
            app_secret=APP_SECRET,
            verify_token=VERIFY_TOKEN,
            callback_url=self.url,
            webhook_endpoint="/hook",
        )
        for on in (
            self.wa.on_message,
            self.wa.on_callback_button,
            self.wa.on_callback_selection,
            self.wa.on_message_status,
            self.wa.on_user_marketing_preferences,
            self.wa.on_template_status_update,
        ):
            on(lambda _, update: self.got.put(update))
        # pywa's server has no way to end; it ends with the tests.
        threading.Thread(target=lambda: self.wa.run(port=self.port, log_level="error"), daemon=True).start()

    def next(self, kind: type) -> Any:
        """The next update but statuses, which must be of this class."""
        while isinstance(update := self.got.get(timeout=10), MessageStatus):
            pass
        assert isinstance(update, kind), update
        return update

    def status(self, wamid: str) -> MessageStatus:
        """The next status of this message."""
        while getattr(update := self.got.get(timeout=10), "id", None) != wamid:
            pass
        assert isinstance(update, MessageStatus), update
        return update


@pytest.fixture(scope="module")
def bot(sim: Simulator) -> Iterator[Bot]:
    sim.settle()
    bot = Bot(sim)
    # pywa waits three seconds for its own server.
    until = time.monotonic() + 30
    while sim.get("webhooks")["options"]["url"] != f"{bot.url}/hook":
        assert time.monotonic() < until, "pywa did not register its callback"
        time.sleep(0.05)
    sim.post("webhooks", {"concurrency": 1})
    yield bot
    sim.post("webhooks", {"url": None})


def test_pywa_registers_its_callback_and_passes_the_handshake(sim, bot):
    assert sim.post("webhooks/verify", {}) == {"verified": True}
    sim.post("webhooks", {"verify_token": "another"})
    assert sim.post("webhooks/verify", {}) == {"verified": False}
    sim.post("webhooks", {"verify_token": VERIFY_TOKEN})


def test_a_text_is_heard_and_answered(sim, bot):
    wamid = sim.say(SIPHO, "text", body="Ngiyabonga 🙏")
    message = bot.next(Message)
    assert (message.id, message.type, message.text) == (wamid, MessageType.TEXT, "Ngiyabonga 🙏")
    person = sim.get(f"phones/{SIPHO}")
    assert (message.from_user.wa_id, message.from_user.bsuid) == (SIPHO, person["user_id"])
    assert (message.from_user.name, message.metadata.phone_number_id) == (person["name"], NUMBER)
    entry = sim.entry(message.reply("A pleasure", quote=True).id)
    assert (entry["to"], entry["content"]["context"]["message_id"]) == (SIPHO, wamid)
    assert message.mark_as_read()
    assert [line["read"] for line in sim.lines(SIPHO) if line.get("id") == wamid] == [True]


def test_a_picture_is_heard_and_downloaded(sim, bot):
    sim.say(SIPHO, "image", caption="My dog")
    message = bot.next(Message)
    assert (message.type, message.caption, message.image.mime_type) == (MessageType.IMAGE, "My dog", "image/png")
    assert message.image.get_bytes().startswith(b"\x89PNG")


def test_a_pressed_button_and_a_chosen_row_are_heard(sim, bot):
    sim.say(SIPHO, "text", body="Hello")
    bot.next(Message)
    asked = bot.wa.send_message(SIPHO, "Coffee?", buttons=[Button("Yes", "coffee-yes"), Button("No", "coffee-no")])
    rows = [SectionRow("Flat white", "flat", "With milk"), SectionRow("Espresso", "short")]
    which = bot.wa.send_message(SIPHO, "Which?", buttons=SectionList("Choose", [Section("Coffee", rows)]))
    sim.say(SIPHO, "button_reply", context=asked.id, id="coffee-yes", title="Yes")
    pressed = bot.next(CallbackButton)
    assert (pressed.data, pressed.title, pressed.reply_to_message.id) == ("coffee-yes", "Yes", asked.id)
    sim.say(SIPHO, "list_reply", context=which.id, id="flat", title="Flat white", description="With milk")
    chosen = bot.next(CallbackSelection)
    assert (chosen.data, chosen.title, chosen.description) == ("flat", "Flat white", "With milk")
    assert chosen.reply_to_message.id == which.id


def test_the_quick_reply_of_a_template_is_heard(sim, bot):
    sent = bot.wa.send_template(SIPHO, "hello_world", bot.wa.get_templates(name="hello_world")[0].language)
    sim.say(SIPHO, "button", context=sent.id, text="Stop", payload="stop-1")
    pressed = bot.next(CallbackButton)
    assert (pressed.type, pressed.data, pressed.title) == (MessageType.BUTTON, "stop-1", "Stop")


def test_a_reaction_is_heard_and_taken_back(sim, bot):
    sim.say(SIPHO, "text", body="Hello")
    bot.next(Message)
    sent = bot.wa.send_message(SIPHO, "A joke")
    sim.say(SIPHO, "reaction", message_id=sent.id, emoji="😂")
    message = bot.next(Message)
    assert (message.type, message.reaction.emoji, message.reaction.message_id) == (MessageType.REACTION, "😂", sent.id)
    sim.say(SIPHO, "reaction", message_id=sent.id, emoji="")
    assert bot.next(Message).reaction.is_removed


def test_a_place_and_a_contact_are_heard(sim, bot):
    sim.say(SIPHO, "location", latitude=-33.92, longitude=18.42, name="Cape Town")
    place = bot.next(Message).location
    assert (place.latitude, place.longitude, place.name) == (-33.92, 18.42, "Cape Town")
    card = {"name": {"formatted_name": "Lerato Nkosi", "first_name": "Lerato"}, "phones": [{"phone": "+27825550121"}]}
    sim.say(SIPHO, "raw", message={"type": "contacts", "contacts": [card]})
    (contact,) = bot.next(Message).contacts
    assert (contact.name.formatted_name, contact.phones[0].phone) == ("Lerato Nkosi", "+27825550121")


def test_an_order_is_heard(sim, bot):
    order = {"catalog_id": "7", "text": "Soon, please", "product_items": [
        {"product_retailer_id": "beans", "quantity": 2, "item_price": 90.5, "currency": "ZAR"}]}  # fmt: skip
    sim.say(SIPHO, "raw", message={"type": "order", "order": order})
    heard = bot.next(Message).order
    assert (heard.total_price, heard.products[0].sku) == (181.0, "beans")


def test_every_status_of_a_message_is_told(sim, bot):
    sim.say(SIPHO, "text", body="Hello")
    bot.next(Message)
    sent = bot.wa.send_message(SIPHO, "Good day", tracker="order-9")
    # pywa runs its handlers after it answered, so they may overtake each other.
    told = {s.status: s for s in (bot.status(sent.id) for _ in range(3))}
    assert told.keys() == {MessageStatusType.SENT, MessageStatusType.DELIVERED, MessageStatusType.READ}
    assert {(s.id, s.tracker, s.from_user.wa_id) for s in told.values()} == {(sent.id, "order-9", SIPHO)}
    assert told[MessageStatusType.SENT].pricing.category.value == "service"
    entry = sim.entry(sent.id)
    assert all(entry[f"{status}_at"] for status in ("sent", "delivered", "read"))


@pytest.mark.parametrize(
    ("persona", "number", "code"), [("not_on_whatsapp", "27825550122", 131026), ("reads", "27825550123", 131047)]
)
def test_a_failure_is_told_with_its_code(sim, bot, persona, number, code):
    sim.post(f"phones/{number}", {"persona": persona})
    sent = bot.wa.send_message(number, "Anybody there?")
    status = bot.status(sent.id)
    assert (status.id, status.status, status.error.code) == (sent.id, MessageStatusType.FAILED, code)
    assert sim.entry(sent.id)["failed_code"] == code


def test_somebody_stops_marketing_and_a_template_is_paused(sim, bot):
    sim.say(SIPHO, "preference", value="stop")
    preference = bot.next(UserMarketingPreferences)
    assert (preference.value, preference.from_user.wa_id) == (MarketingPreference.STOP, SIPHO)
    sim.post("templates/hello_world", {"status": "PAUSED"})
    update = bot.next(TemplateStatusUpdate)
    assert (update.template_name, update.new_status) == ("hello_world", TemplateStatus.PAUSED)
    sim.post("templates/hello_world", {"status": "APPROVED"})
    assert bot.next(TemplateStatusUpdate).new_status == TemplateStatus.APPROVED


def test_a_wrong_signature_is_turned_away_and_the_true_one_heard(sim, bot):
    sim.post("webhooks", {"bad_signature": 1.0})
    sim.say(SIPHO, "text", body="Trust me")
    assert bot.next(Message).text == "Trust me"
    sim.post("webhooks", {"bad_signature": 0.0, "missing_signature": 1.0})
    sim.say(SIPHO, "text", body="Trust me too")
    assert bot.next(Message).text == "Trust me too"
    sim.post("webhooks", {"missing_signature": 0.0})
    sim.settle()
    log = sim.get("webhooks/log", limit=1000)["webhooks"]
    assert [record["attempts"] for record in log[-2:]] == [[403, 200], [401, 200]]


def test_callbacks_of_the_account_and_the_number_are_set_and_forgotten(sim, bot, wa, driven):
    with driven("override_waba_callback_url"):
        assert wa.override_waba_callback_url(f"{bot.url}/hook", VERIFY_TOKEN)
        assert wa.get_business_phone_number().webhook_configuration["whatsapp_business_account"] == f"{bot.url}/hook"
    with driven("override_phone_callback_url"):
        assert wa.override_phone_callback_url(f"{bot.url}/hook", VERIFY_TOKEN)
        sim.post("webhooks", {"url": None})
        sim.say(SIPHO, "text", body="The other way")
        assert bot.next(Message).text == "The other way"
    with driven("delete_waba_callback_url"):
        assert wa.delete_waba_callback_url()
    with driven("delete_phone_callback_url"):
        assert wa.delete_phone_callback_url()
        told = wa.get_business_phone_number().webhook_configuration
        assert set(told.values()) == {None}
    with driven("set_app_callback_url"):
        token = wa.get_app_access_token(int(APP), APP_SECRET)
        assert wa.set_app_callback_url(int(APP), token, f"{bot.url}/hook", VERIFY_TOKEN, ["messages"])
        assert sim.get("webhooks")["options"]["url"] == f"{bot.url}/hook"
