"""The samples are documentation: the valid ones are accepted, the invalid ones refused for what they are named after."""

import functools
import re
from collections import Counter
from pathlib import Path

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.codec.intake import read
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.rules.evaluate import check_message

DOCUMENTS = bundle_root() / "documents"
VALID = sorted(DOCUMENTS.glob("*/samples/valid/*.json"))
INVALID = sorted(DOCUMENTS.glob("*/samples/invalid/*.json"))
TWINS = sorted(DOCUMENTS.glob("*/samples/valid/*.xml"))
SAMPLED = sorted({file.parents[2] for file in VALID})
NAMED_AFTER = re.compile(r"([A-Z]+(?:-[A-Z]+)?-\d{2,3}[a-z]?)(?:-\d+)?")


def name(file: Path) -> str:
    return f"{file.parents[2].name}/{file.stem}"


@functools.cache
def document(file: Path) -> Document:
    return read(file.read_bytes(), "application/xml" if file.suffix == ".xml" else "application/json")


def faults(file: Path) -> list[Finding]:
    """What refuses the document, judged at the moment it was made."""
    try:
        made = document(file)
    except BadInput as refusal:
        return refusal.findings
    report = check_message(made, Envelope.of(made).created_at)
    return [finding for finding in report.findings if finding.severity == Severity.ERROR]


def test_there_are_samples() -> None:
    assert len(VALID) >= 40 and len(INVALID) >= 60


@pytest.mark.parametrize("file", VALID, ids=name)
def test_a_valid_sample_is_accepted(file: Path) -> None:
    assert faults(file) == []


@pytest.mark.parametrize("file", INVALID, ids=name)
def test_an_invalid_sample_is_refused_by_the_rule_it_is_named_after_and_by_no_other(file: Path) -> None:
    named = NAMED_AFTER.fullmatch(file.stem)
    assert named, "the file is not named after a rule"
    found = faults(file)
    assert {finding.rule for finding in found} == {named[1]}
    assert all(finding.message and finding.pointer for finding in found)


@pytest.mark.parametrize("file", VALID, ids=name)
def test_the_xml_twin_is_the_same_document(file: Path) -> None:
    twin = document(file.with_suffix(".xml"))
    assert (twin.sha256, twin.canonical) == (document(file).sha256, document(file).canonical)


def test_no_xml_without_its_json() -> None:
    assert {file.with_suffix(".json") for file in TWINS} == set(VALID)


@pytest.mark.parametrize("folder", SAMPLED, ids=lambda folder: folder.parent.name)
def test_a_sampled_message_shows_two_good_and_three_bad_documents(folder: Path) -> None:
    assert len(list(folder.glob("valid/*.json"))) >= 2
    assert len(list(folder.glob("invalid/*.json"))) >= 3


@pytest.mark.parametrize("file", VALID, ids=name)
def test_sender_and_recipients_hold_roles_the_message_allows(file: Path) -> None:
    envelope, message = Envelope.of(document(file)), catalogue().message(file.parents[2].name)
    assert envelope.type == message.id
    assert envelope.role in message.from_roles
    assert envelope.recipient_roles <= {*message.to_roles}


def test_every_sample_has_its_own_message_id() -> None:
    ids = Counter(Envelope.of(document(file)).id for file in VALID)
    assert [id for id, times in ids.items() if times > 1] == []


def test_a_reply_answers_a_sample_of_the_same_trade_that_may_be_so_answered() -> None:
    known = {envelope.id: envelope for envelope in (Envelope.of(document(file)) for file in VALID)}
    for reply in known.values():
        if reply.in_reply_to:
            answered = known[reply.in_reply_to]
            assert answered.trade_id == reply.trade_id
            assert reply.type in catalogue().message(answered.type).replies
            assert answered.created_at < reply.created_at


@pytest.mark.parametrize("file", [f for f in VALID if f.stem.endswith("-presented")], ids=name)
def test_what_is_presented_by_reference_is_the_document_lodged_before(file: Path) -> None:
    lodged = document(file.with_stem(file.stem.removesuffix("-presented")))
    assert document(file).payload_sha256 == lodged.payload_sha256
    assert Envelope.of(document(file)).function == "31"
