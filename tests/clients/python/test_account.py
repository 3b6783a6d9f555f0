"""The account: what pywa changes, pywa reads back, and the simulator acts upon."""

from __future__ import annotations

import pytest
from conftest import refusal
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pywa.types import Command, Industry, Pagination, QRCodeImageType
from pywa.types.calls import CallingSettings, CallingSettingsStatus
from pywa.types.others import StorageStatus, UserIdentityChangeSettings
from simulator import APP, APP_SECRET, BUSINESS, NUMBER, WABA, client

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_the_business_profile(wa, sim, driven):
    with driven("update_business_profile"):
        done = wa.update_business_profile(
            about="Coffee from the Karoo",
            email="shop@karoo.example",
            industry=Industry.RETAIL,
            websites=["https://karoo.example"],
        )
        assert done.success
        assert refusal(lambda: wa.update_business_profile(email="nobody")) == 100
    with driven("get_business_profile"):
        profile = wa.get_business_profile()
        assert (profile.about, profile.email) == ("Coffee from the Karoo", "shop@karoo.example")
        assert (profile.industry, profile.websites) == (Industry.RETAIL, ("https://karoo.example",))
    with driven("update_business_profile, taking away"):
        assert wa.update_business_profile(email=None, websites=None)
        assert (wa.get_business_profile().email, wa.get_business_profile().websites) == (None, None)
    with driven("update_business_profile with a picture"):
        assert wa.update_business_profile(profile_picture=PNG)
        assert sim.http.get(wa.get_business_profile().profile_picture_url).content == PNG


def test_numbers_are_looked_up(wa, driven):
    with driven("get_business_phone_number"):
        number = wa.get_business_phone_number()
        assert (number.id, number.verified_name, number.status) == (NUMBER, "Simulated Business", "CONNECTED")
        assert number.throughput == {"level": "HIGH"}
    with driven("get_business_phone_numbers"):
        assert NUMBER in [n.id for n in wa.get_business_phone_numbers()]
        assert refusal(lambda: wa.get_business_phone_numbers(waba_id="999")) == 100


def test_a_number_from_its_first_day_to_its_last(wa, sim, thandi, driven):
    with driven("create_phone_number"):
        added = wa.create_phone_number(country_calling_code=27, phone_number=215550199, verified_name="Karoo").id
        assert wa.get_business_phone_number(phone_id=added).code_verification_status == "NOT_VERIFIED"
        assert refusal(lambda: wa.send_message(thandi, "Too early", sender=added)) == 133010
    with driven("request_verification_code"):
        assert wa.request_verification_code(code_method="SMS", language_code="en_US", phone_id=added)
        code = sim.number(added)["code"]
    with driven("verify_phone_number"):
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        assert refusal(lambda: wa.verify_phone_number(wrong, phone_id=added)) == 136025
        assert wa.verify_phone_number(code, phone_id=added).success
        assert wa.get_business_phone_number(phone_id=added).code_verification_status == "VERIFIED"
    with driven("register_phone_number"):
        assert wa.register_phone_number(123456, data_localization_region="ZA", phone_id=added)
        assert (sim.number(added)["registered"], sim.number(added)["pin"]) == (True, "123456")
        assert refusal(lambda: wa.register_phone_number(654321, phone_id=added)) == 133005
        sim.say(thandi, "text", to=added, body="Hello?")
        assert sim.entry(wa.send_message(thandi, "Now", sender=added).id)["phone_number_id"] == added
    with driven("deregister_phone_number"):
        assert wa.deregister_phone_number(phone_id=added)
        assert wa.get_business_phone_number(phone_id=added).status == "DISCONNECTED"
        assert refusal(lambda: wa.send_message(thandi, "Too late", sender=added)) == 133010


def test_the_display_name_and_the_greeting(wa, driven):
    with driven("update_display_name"):
        assert wa.update_display_name("Karoo Coffee")
        assert wa.get_business_phone_number().new_name_status == "PENDING_REVIEW"
    with driven("update_conversational_automation"):
        assert wa.update_conversational_automation(["Order", "Hours"], [Command("menu", "What there is")])
        automation = wa.get_business_phone_number().conversational_automation
        assert (automation.ice_breakers, automation.commands) == (
            ("Order", "Hours"),
            (Command("menu", "What there is"),),
        )
        assert refusal(lambda: wa.update_conversational_automation(["x" * 81])) == 100


def test_settings_of_the_number_and_its_shop(wa, sim, driven):
    with driven("update_business_phone_number_settings"):
        assert wa.update_business_phone_number_settings(
            calling=CallingSettings(status=CallingSettingsStatus.ENABLED),
            user_identity_change=UserIdentityChangeSettings(enable_identity_key_check=True),
        )
    with driven("get_business_phone_number_settings"):
        settings = wa.get_business_phone_number_settings()
        assert settings.calling.status == CallingSettingsStatus.ENABLED
        assert settings.user_identity_change.enable_identity_key_check
        assert settings.storage_configuration.status == StorageStatus.DEFAULT
    with driven("update_commerce_settings"):
        assert wa.update_commerce_settings(is_catalog_visible=True)
    with driven("get_commerce_settings"):
        shop = wa.get_commerce_settings()
        assert (shop.is_catalog_visible, shop.is_cart_enabled) == (True, True)
    with driven("set_business_public_key"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        assert wa.set_business_public_key(pem)
        assert sim.number()["public_key"] == pem
        assert refusal(lambda: wa.set_business_public_key("not a key")) == 100


def test_qr_codes(wa, sim, driven):
    with driven("create_qr_code"):
        made = wa.create_qr_code("Two coffees, please", QRCodeImageType.SVG)
        assert made.deep_link_url == f"https://wa.me/message/{made.code}"
        assert sim.http.get(made.qr_image_url).content.startswith(b"<svg")
        others = [wa.create_qr_code(f"Offer {n}") for n in range(3)]
        assert refusal(lambda: wa.create_qr_code("x" * 141)) == 100
    with driven("update_qr_code"):
        assert wa.update_qr_code(made.code, "Three coffees").prefilled_message == "Three coffees"
    with driven("get_qr_code"):
        found = wa.get_qr_code(made.code, image_type="PNG")
        assert (found.prefilled_message, found.qr_image_url[-4:]) == ("Three coffees", ".png")
    with driven("get_qr_codes"):
        listed = wa.get_qr_codes(pagination=Pagination(limit=3))
        assert (len(listed), listed.has_next) == (3, True)
        assert [q.code for q in listed.all()] == [made.code, *(q.code for q in others)]
    with driven("delete_qr_code"):
        assert made.delete()
        assert refusal(lambda: wa.get_qr_code(made.code)) == 100
        assert [q.code for q in wa.get_qr_codes()] == [q.code for q in others]


def test_people_are_blocked_and_let_in_again(wa, sim, driven):
    whom, stranger = "27825550155", "27825550156"
    sim.say(whom, "text", body="Buy my stamps")
    with driven("block_users"):
        result = wa.block_users([whom, stranger])
        assert [u.wa_id for u in result.added_users] == [whom]
        assert (result.failed_users[0].input, result.failed_users[0].errors[0].code) == (stranger, 131047)
        assert result.errors.code == 139100
        assert refusal(lambda: wa.send_message(whom, "No")) == 130403
    with driven("get_blocked_users"):
        assert [u.wa_id for u in wa.get_blocked_users()] == [whom]
    with driven("unblock_users"):
        assert [u.wa_id for u in wa.unblock_users([whom]).removed_users] == [whom]
        assert len(wa.get_blocked_users()) == 0
        assert sim.entry(wa.send_message(whom, "Yes?").id)["to"] == whom


def test_accounts(wa, sim, driven):
    with driven("get_business_account"):
        account = wa.get_business_account()
        assert (account.id, account.name, account.subscribed_apps[0].id) == (WABA, "Simulated Account", APP)
    with driven("update_business_account_settings"):
        wa.update_business_account_settings(disable_marketing_messages_on_cloud_api=True)
        assert wa.get_business_account().disable_marketing_messages_on_cloud_api is True
        wa.update_business_account_settings(disable_marketing_messages_on_cloud_api=False)
        assert wa.get_business_account().disable_marketing_messages_on_cloud_api is False
    with driven("get_owned_business_accounts"):
        assert [a.id for a in wa.get_owned_business_accounts(business_portfolio_id=BUSINESS)] == [WABA]
    with driven("get_shared_business_accounts"):
        assert len(wa.get_shared_business_accounts(business_portfolio_id=BUSINESS)) == 0
        assert refusal(lambda: wa.get_shared_business_accounts(business_portfolio_id=7)) == 100


def test_the_app_trades_its_secret_for_a_token(wa, driven):
    with driven("get_app_access_token"):
        assert wa.get_app_access_token(int(APP), APP_SECRET).startswith(f"{APP}|")
        assert refusal(lambda: wa.get_app_access_token(int(APP), "guessed")) == 101


@pytest.mark.parametrize("token", ["wrong", "EAAlooksReal"])
def test_a_wrong_token_is_refused(sim, token):
    assert refusal(client(sim, token).get_business_phone_number) == 190
