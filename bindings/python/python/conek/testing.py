"""Suites for what a host writes, and the ways to fail on purpose."""

from ._conek import check_storage, fail, panic

__all__ = ["check_storage", "fail", "panic"]
