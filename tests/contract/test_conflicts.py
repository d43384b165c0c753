"""Every conflict either makes what depends on it wait, or docs/decisions/0013 says why it only informs."""

import re

from tradeflow.bundle import bundle_root
from tradeflow.machine.load import machine
from tradeflow.model.finding import Severity
from tradeflow.rules.cross import cross_rules

DECISION = bundle_root() / "docs" / "decisions" / "0013-conflicts-and-deviations.md"


def number(rule: str) -> str:
    """A rule without the letter of its part."""
    return rule.rstrip("abcdefghijklmnopqrstuvwxyz")


def test_a_conflict_that_no_guard_asks_is_explained() -> None:
    asked = {rule for guard in machine().guards.values() for term in (*guard.when, *guard.any) for rule in term.args.get("rules", ())}
    conflicts = {rule.id for rule in cross_rules() if rule.row.severity is Severity.CONFLICT}
    informs = {number(rule) for rule in conflicts if not {rule, number(rule)} & asked}
    _, _, told = DECISION.read_text(encoding="utf-8").partition("The other conflicts inform")
    explained = set(re.findall(r"\b(?:X|M-[A-Z]+)-[0-9]+\b", told.partition("- It stops blocking")[0]))
    assert informs == explained
