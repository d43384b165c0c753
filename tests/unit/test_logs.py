"""Log lines carry ids, never secrets or bodies."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tradeflow.logs import configure
from tradeflow.settings import Settings


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_our_lines_and_those_of_libraries_have_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_json=True))
    structlog.get_logger("tradeflow.test").info("accepted", trade_id="T-1")
    logging.getLogger("some.library").warning("retried %s times", 3)
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["trade_id"], first["level"], first["logger"]) == ("accepted", "T-1", "info", "tradeflow.test")
    assert (second["event"], second["level"], second["logger"]) == ("retried 3 times", "warning", "some.library")
    assert first["timestamp"].endswith("Z")


def test_secrets_and_bodies_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_json=True))
    structlog.get_logger().info(
        "x", api_key="hush", Authorization="Bearer hush", database_url="//u:hush@h", body="hush", raw=b"hush", long="long" * 500
    )
    written = capsys.readouterr().err
    line = json.loads(written)
    assert "hush" not in written
    assert len(line["long"]) == 501
    assert line["raw"] == "<4 bytes left out>"


def test_a_trace_stays_whole(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_json=True))
    try:
        {}["why " * 300]
    except KeyError:
        structlog.get_logger().exception("failed")
    assert json.loads(capsys.readouterr().err)["exception"].count("why ") >= 300


def test_what_is_less_severe_than_asked_for_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_json=False, log_level="warning"))
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    written = capsys.readouterr().err
    assert "quiet" not in written
    assert "loud" in written
