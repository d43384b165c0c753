"""A scenario is filled in the same way each time, whatever order a process keeps its sets in."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ON_FILE = """
from pathlib import Path
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.begin import history
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import load
scenario = load(Path("docs/examples/in-the-middle.toml"))
print(history(machine(), scenario, Filler(catalogue(), scenario, scenario.reference), scenario.step[0].date))
"""


def filled(seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run([sys.executable, "-c", ON_FILE], cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def test_what_is_on_file_before_the_first_step_is_the_same_in_every_process() -> None:
    first, *others = [filled(seed) for seed in ("0", "1")]
    assert "purchase_order" in first
    assert others == [first]
