"""Suites for what a host writes, and the ways to fail on purpose."""

from ._conek import check_keys, check_policy, check_storage, check_transport, fail, panic

__all__ = ["check_keys", "check_policy", "check_storage", "check_transport", "fail", "panic"]
