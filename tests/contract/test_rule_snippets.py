"""Every rule row proves itself: its passing snippet passes, its failing snippet fails by its id, and without the row nobody notices."""

from itertools import groupby

import msgspec
import pytest

from tests.rule_proof import INVENTORY, README, Proof, inventory, proofs, words
from tradeflow.model.catalogue import catalogue
from tradeflow.rules.binding import bind
from tradeflow.rules.cross import CrossRule, cross_rule, cross_rules
from tradeflow.rules.evaluate import rules_of
from tradeflow.rules.words import vocabulary

# a test for each message, not for each row: what fails is said row by row all the same
BY_MESSAGE = {message: list(rows) for message, rows in groupby(proofs(), key=lambda proof: proof.message)}


def with_conditions(proof: Proof, when: dict[str, object]) -> Proof:
    """The same row under other conditions."""
    row = msgspec.structs.replace(proof.row, when=when, line=-proof.row.line)
    if isinstance(proof.rule, CrossRule):
        return Proof("", cross_rule(row, catalogue()))
    return Proof(proof.message, bind(row, {"": catalogue().message(proof.message)}))


def test_every_row_is_proved_on_some_message() -> None:
    assert sum(len(rows) for rows in BY_MESSAGE.values()) == len(proofs()) == len(inventory()) > 800


@pytest.mark.parametrize("message", BY_MESSAGE)
def test_the_passing_snippet_passes(message: str) -> None:
    assert {str(proof): found for proof in BY_MESSAGE[message] if (found := proof.findings("pass"))} == {}


@pytest.mark.parametrize("message", BY_MESSAGE)
def test_the_failing_snippet_fails_by_the_id_of_the_row_with_all_a_clerk_needs(message: str) -> None:
    for proof in BY_MESSAGE[message]:
        row, found = proof.row, proof.findings("fail")
        assert found, proof
        for finding in found:
            assert (finding.rule, finding.severity, finding.hint, finding.source) == (row.id, row.severity, row.hint, row.source)
            assert finding.message.startswith(row.text) and len(finding.message) > len(row.text), proof
            assert finding.pointer.startswith("/"), proof
            assert finding.other == "" or "/" in finding.other, proof
            assert not any(word in finding.message for word in ("None", "Decimal(", "datetime", "{", "<")), proof


@pytest.mark.parametrize("message", BY_MESSAGE)
def test_a_deleted_row_is_missed(message: str) -> None:
    every = {rule.id: rule for rule in (rules_of(message) if message else cross_rules())}
    for proof in BY_MESSAGE[message]:
        others = {id: rule for id, rule in every.items() if id != proof.row.id}
        assert len(others) == len(every) - 1, proof
        assert proof.findings("fail", every), proof
        assert proof.findings("fail", others) == [], proof


@pytest.mark.parametrize("message", [message for message, rows in BY_MESSAGE.items() if any(proof.row.when for proof in rows)])
def test_every_condition_of_a_row_narrows_it(message: str) -> None:
    for proof in BY_MESSAGE[message]:
        for condition in proof.row.when:
            assert with_conditions(proof, {**proof.row.when, condition: ["no such value"]}).findings("fail") == [], (proof, condition)


def test_every_word_is_used_and_says_what_it_promises() -> None:
    used = {proof.row.check for proof in proofs()}
    assert {name for name in vocabulary() if name not in used} == set()
    assert all(word.promise.endswith(".") for word in vocabulary().values())


def test_no_row_is_lost_and_none_slips_in() -> None:
    expected = INVENTORY.read_text(encoding="utf-8").splitlines()
    assert inventory() == expected, f"changed on purpose? `python -m tests.rule_proof` writes {INVENTORY.name} anew"


def test_the_vocabulary_is_written_down() -> None:
    assert README.read_text(encoding="utf-8").endswith(words()), "`python -m tests.rule_proof` writes it anew"


def test_every_message_is_checked_by_the_rules_for_all() -> None:
    for message in catalogue().ids():
        assert {"M-GEN-03", "M-GEN-13"} <= {rule.id for rule in rules_of(message)}


def test_rows_are_written_for_people() -> None:
    for row in (proof.row for proof in proofs()):
        assert row.text.endswith(".") and row.hint.endswith("."), row.id
        assert len(row.text) <= 240 and len(row.hint) <= 240, row.id
        assert row.text != row.hint, row.id
