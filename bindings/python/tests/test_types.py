"""The surface's types in Python."""

from __future__ import annotations

import copy
import enum
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

import conek
from conek import Content, Draft, Purpose, Recipient

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)


def test_three_words_are_enough_for_a_draft() -> None:
    draft = Draft(to=Recipient.Phone("+27821234567"), content=Content.Text("Hello"), purpose=Purpose.SUPPORT)
    assert draft.sender is None and draft.not_before is None
    assert draft.content == Content.Text(body="Hello", preview_url=False)


def test_lists_maps_and_flags_may_be_left_out() -> None:
    contact = conek.NewContact(phone="082 123 4567")
    assert contact.attributes == {} and contact.provenance is None
    config = conek.Config(business="Spaza", privacy_contact="privacy@example.org", path="db")
    assert config.numbers == [] and config.rates == []


def test_what_is_required_is_demanded_by_name() -> None:
    with pytest.raises(TypeError, match="purpose"):
        Draft(to=Recipient.Phone("1"), content=Content.Text("x"))  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Draft("+27821234567", Content.Text("x"), Purpose.SUPPORT)  # type: ignore[arg-type]


def test_records_are_values() -> None:
    one, other = conek.Reason("A", "p", "t"), conek.Reason("A", "p", "t")
    assert one == other and one != conek.Reason("B", "p", "t")
    with pytest.raises(AttributeError):
        one.code = "B"  # type: ignore[misc]


def test_a_changed_copy_leaves_the_record_as_it_is() -> None:
    one = conek.Reason("A", "p", "t")
    assert conek.replace(one, code="B") == conek.Reason("B", "p", "t") and one.code == "A"
    if sys.version_info >= (3, 13):
        assert copy.replace(one, code="C").code == "C"


def test_no_repr_shows_personal_data() -> None:
    secret = "+27821234567"
    person = conek.NewContact(phone=secret, name="Nomvula")
    draft = Draft(Recipient.Phone(secret), Content.Text("Dear Nomvula"), Purpose.SUPPORT)
    access = conek.WhatsAppAccess(access_token="EAAB-token", verify_token="vt", app_secrets=["s3cret"])
    for shown in map(repr, (person, draft, draft.to, draft.content, access)):
        for hidden in (secret, "Nomvula", "EAAB", "s3cret"):
            assert hidden not in shown


def test_enums_are_pythons_own_and_their_members_are_their_codes() -> None:
    assert issubclass(Purpose, enum.Enum)
    assert Purpose("opt_out_confirmation") is Purpose.OPT_OUT_CONFIRMATION
    assert {"opt_out_confirmation": 1}[Purpose.OPT_OUT_CONFIRMATION] == 1
    assert str(Purpose.LEGAL_NOTICE) == f"{Purpose.LEGAL_NOTICE}" == "legal_notice"
    assert len(Purpose) == 8
    draft = Draft(Recipient.Bsuid("ZA.1"), Content.Text("x"), Purpose.FEEDBACK)
    assert draft.purpose is Purpose.FEEDBACK


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(ValueError, match="Purpose"):
        Draft(Recipient.Bsuid("ZA.1"), Content.Text("x"), "promotion")  # type: ignore[arg-type]


def test_variants_can_be_matched() -> None:
    decision: conek.Decision = conek.Decision.Deny(reasons=[conek.Reason("SUPPRESSED", "POPIA s11(3)", "stopped")])
    match decision:
        case conek.Decision.Deny(reasons=[conek.Reason(code="SUPPRESSED")]):
            pass
        case _:
            pytest.fail("no match")
    assert isinstance(decision, conek.Decision.Deny) and isinstance(decision, conek.Decision)


def test_a_moment_is_the_same_in_every_zone_and_comes_back_in_utc() -> None:
    there = NOON.astimezone(ZoneInfo("Africa/Johannesburg"))
    draft = Draft(Recipient.Bsuid("ZA.1"), Content.Text("x"), Purpose.SUPPORT, not_before=there)
    assert draft.not_before == NOON and draft.not_before.utcoffset() == timedelta(0)


def test_moments_are_cut_to_whole_milliseconds() -> None:
    clock = conek.VirtualClock.at(NOON + timedelta(microseconds=1999))
    assert clock.now() == NOON + timedelta(milliseconds=1)


def test_a_datetime_without_a_zone_names_no_moment() -> None:
    with pytest.raises((TypeError, ValueError), match="zone"):
        conek.VirtualClock.at(datetime(2026, 11, 24, 12))


def test_bytes_stay_bytes() -> None:
    upload = conek.Upload("100", "image/png", "a.png", b"\x89PNG\x00")
    assert upload.bytes == b"\x89PNG\x00"
    assert isinstance(conek.HttpResponse(200, b"ok").body, bytes)


def test_a_virtual_clock_goes_as_it_is_told() -> None:
    clock = conek.VirtualClock.at(NOON)
    clock.advance_ms(1500)
    assert clock.now() == NOON + timedelta(seconds=1.5)
    clock.advance_to(NOON)
    assert clock.now() == NOON + timedelta(seconds=1.5)
    clock.advance_to(NOON + timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1) and clock.next_wake() is None
