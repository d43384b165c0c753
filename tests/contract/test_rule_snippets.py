"""Every rule row proves itself: its passing snippet passes, its failing snippet fails by its id, and without the row nobody notices."""

import msgspec
import pytest

from tests.rule_proof import INVENTORY, README, Proof, inventory, proofs, words
from tradeflow.model.catalogue import catalogue
from tradeflow.rules.binding import Rule, bind
from tradeflow.rules.cross import CrossRule, cross_rule, cross_rules
from tradeflow.rules.evaluate import rules_of
from tradeflow.rules.words import vocabulary


def loaded(proof: Proof) -> dict[str, Rule | CrossRule]:
    """The rules loaded beside the row, itself included."""
    return {rule.id: rule for rule in (rules_of(proof.message) if proof.message else cross_rules())}


def with_conditions(proof: Proof, when: dict[str, object]) -> Proof:
    """The same row under other conditions."""
    row = msgspec.structs.replace(proof.row, when=when, line=-proof.row.line)
    if isinstance(proof.rule, CrossRule):
        return Proof("", cross_rule(row, catalogue()))
    return Proof(proof.message, bind(row, {"": catalogue().message(proof.message)}))


@pytest.mark.parametrize("proof", proofs(), ids=str)
def test_the_passing_snippet_passes(proof: Proof) -> None:
    assert proof.findings("pass") == []


@pytest.mark.parametrize("proof", proofs(), ids=str)
def test_the_failing_snippet_fails_by_the_id_of_the_row_with_all_a_clerk_needs(proof: Proof) -> None:
    row, found = proof.row, proof.findings("fail")
    assert found
    for finding in found:
        assert (finding.rule, finding.severity, finding.hint, finding.source) == (row.id, row.severity, row.hint, row.source)
        assert finding.message.startswith(row.text) and len(finding.message) > len(row.text)
        assert finding.pointer.startswith("/")
        assert finding.other == "" or "/" in finding.other
        assert not any(word in finding.message for word in ("None", "Decimal(", "datetime", "{", "<"))


@pytest.mark.parametrize("proof", proofs(), ids=str)
def test_a_deleted_row_is_missed(proof: Proof) -> None:
    rules = loaded(proof)
    assert proof.findings("fail", rules)
    del rules[proof.row.id]
    assert proof.findings("fail", rules) == []


@pytest.mark.parametrize("proof", [proof for proof in proofs() if proof.row.when], ids=str)
def test_every_condition_of_a_row_narrows_it(proof: Proof) -> None:
    for condition in proof.row.when:
        assert with_conditions(proof, {**proof.row.when, condition: ["no such value"]}).findings("fail") == []


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
