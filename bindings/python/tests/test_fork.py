"""A forked child cannot use its parent's engine, and says so."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os
import conek
from conek import testing

async def one():
    try:
        await testing.fail("closed")
    except conek.ConekError as error:
        return error

asyncio.run(one())
if os.fork() == 0:
    print(asyncio.run(one()), flush=True)
    os._exit(0)
os.wait()
print(asyncio.run(one()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
def test_a_forked_child_is_told_to_open_its_own() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    child, parent = run.stdout.splitlines()
    assert "fork()" in child and "the engine is closed" in parent
