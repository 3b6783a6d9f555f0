"""Suites for what a host writes, conek's reader of webhooks, and the ways to fail on purpose."""

from ._conek import check_keys, check_policy, check_storage, check_transport, fail, panic, parse_webhook

__all__ = ["check_keys", "check_policy", "check_storage", "check_transport", "fail", "panic", "parse_webhook"]
