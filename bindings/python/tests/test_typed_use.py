"""A type checker finds wrong use and accepts right use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def mypy(*what: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *what]
    return subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)


def test_right_use_passes_strict_checking() -> None:
    run = mypy("tests/typed/good.py", "tests/hosts.py", "python/conek")
    assert run.returncode == 0, run.stdout + run.stderr


def test_wrong_use_is_found_line_by_line() -> None:
    source = (HERE / "typed" / "bad.py").read_text().splitlines()
    wrong = {i for i, line in enumerate(source, 1) if line.endswith("# wrong")}
    run = mypy("tests/typed/bad.py")
    assert {int(n) for n in re.findall(r"bad\.py:(\d+): error", run.stdout)} == wrong, run.stdout
