"""The program of the simulator's README, as it stands there."""

import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).parents[2] / "simulator" / "README.md"


def test_the_readmes_program_sends_a_message(sim):
    (program,) = re.findall(r"```python\n(.+?)```", README.read_text("utf-8"), re.DOTALL)
    here = program.replace("http://127.0.0.1:8080", sim.base_url)
    assert here != program
    wamid = subprocess.run([sys.executable, "-c", here], check=True, capture_output=True, text=True).stdout.strip()
    assert sim.entry(wamid)["content"]["text"]["body"] == "Good morning"
