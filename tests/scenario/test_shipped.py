"""Every scenario that comes with tradeflow, and those of the pages, over HTTP, every other document as XML, on one hub. `make variants` plays
each as JSON and as XML, too."""

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from tests.conftest import execute, named
from tests.scenario.conftest import SCENARIOS
from tests.variants import variants
from tests.verified import verified
from tradeflow.bundle import bundle_root
from tradeflow.cli._hub import Running, hub_in_thread
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.compact import is_short, scenarios
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Outcome, Player
from tradeflow.settings import Settings

PLAYED_ELSEWHERE = {"S01", "S01-refusals"}  # test_s01.py plays them, in every wire form
FILES = [
    *(file for file in sorted(SCENARIOS.glob("*.toml")) if file.stem not in PLAYED_ELSEWHERE),
    *sorted((bundle_root() / "docs" / "examples").glob("*.toml")),
]
SPECIFICATION = bundle_root().parent / "shared" / "domain" / "scenarios.toml"


@pytest.fixture(scope="module")
def stored(database_server: str, template: str) -> Iterator[str]:
    """The database of the one hub; in the end everything in it is what it must be."""
    name = f"scenarios_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(database_server, name)
    faults = verified(named(database_server, name)).faults
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")
    assert faults == []


@pytest.fixture(scope="module")
def one_hub(stored: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox hub for all of them."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), database_url=stored, sandbox=True, port=0)
    with hub_in_thread(settings, stored) as running:
        yield running


def play(hub: Running, scenario: Scenario, wire: str) -> Outcome:
    return asyncio.run(Player(hub.base_url, hub.operator_key, catalogue(), wire).play(scenario))


def written() -> list[Scenario]:
    """Those whose documents are written out."""
    return [load(file) for file in FILES if not is_short(file)]


def cases() -> list[Scenario]:
    """Those in the short form: what is not said is made, whatever it travels as."""
    return [scenario for file in FILES if is_short(file) for scenario in scenarios(file)]


def specified() -> list[Scenario]:
    """The twelve of the domain specification in its own short form, where that is at hand beside the project."""
    return scenarios(SPECIFICATION) if SPECIFICATION.is_file() else []


@pytest.mark.parametrize("scenario", written(), ids=lambda scenario: scenario.id)
def test_it_plays_as_written_whatever_the_wire_form(one_hub: Running, scenario: Scenario) -> None:
    first, *others = [play(one_hub, scenario, wire) for wire in variants("mixed", "json", "xml")]
    assert first.difference == ""
    assert first.steps_done == first.steps
    for other in others:
        assert other.difference == ""
        assert other.states == first.states
        assert other.sha256s == first.sha256s, "canonical content does not depend on the wire form"


@pytest.mark.parametrize("scenario", cases(), ids=lambda scenario: scenario.id)
def test_a_case_plays_as_written(one_hub: Running, scenario: Scenario) -> None:
    played = play(one_hub, scenario, "mixed")
    assert played.difference == ""
    assert played.steps_done == played.steps


@pytest.mark.skipif(not SPECIFICATION.is_file(), reason=f"the domain specification is not at {SPECIFICATION}")
@pytest.mark.parametrize("scenario", specified(), ids=lambda scenario: f"{scenario.id} in short")
def test_the_specification_plays_as_it_stands(one_hub: Running, scenario: Scenario) -> None:
    played = play(one_hub, scenario, "mixed")
    assert played.difference == ""
    assert played.steps_done == played.steps
