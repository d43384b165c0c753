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
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import DocumentEntry, Participant, TradeState
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import check_message

DOCUMENTS = bundle_root() / "documents"
VALID = sorted(DOCUMENTS.glob("*/samples/valid/*.json"))
INVALID = sorted(DOCUMENTS.glob("*/samples/invalid/*.json"))
TWINS = sorted(DOCUMENTS.glob("*/samples/valid/*.xml"))
SAMPLED = sorted({file.parents[1] for file in VALID})
SEA_TRADE = "GLL-2025-0117"
CIF_IN_A_CONTAINER = {"I-01b"}  # what half of the trade does and ICC advises against
of_each_message = pytest.mark.parametrize("folder", SAMPLED, ids=lambda folder: folder.parent.name)
NAMED_AFTER = re.compile(r"([A-Z]+(?:-[A-Z]+)?-\d{2,3}[a-z]?)(?:-\d+)?")


def name(file: Path) -> str:
    return f"{file.parents[2].name}/{file.stem}"


def valid(folder: Path) -> list[Path]:
    return sorted(folder.glob("valid/*.json"))


def invalid(folder: Path) -> list[Path]:
    return sorted(folder.glob("invalid/*.json"))


@functools.cache
def document(file: Path) -> Document:
    return read(file.read_bytes(), "application/xml" if file.suffix == ".xml" else "application/json")


@functools.cache
def timeline() -> list[tuple[Envelope, Document]]:
    """All valid samples as one history, oldest first."""
    return sorted(((Envelope.of(made), made) for made in map(document, VALID)), key=lambda step: step[0].created_at)


def trade(envelope: Envelope) -> TradeState:
    """The trade as it stands when the message arrives: its terms and parties, and the samples of it lodged before."""
    history = [step for step in timeline() if step[0].trade_id == envelope.trade_id]
    state = TradeState(trade_id=envelope.trade_id)
    for made, sample in history:
        parties = {(made.sender, made.role), *made.recipients}
        state.participants += [Participant(*party) for party in sorted(parties) if Participant(*party) not in state.participants]
        if term := sample.get("terms.incoterm"):
            state.terms["incoterm"] = term
        if made.created_at < envelope.created_at and made.function == "9":
            entry = DocumentEntry(sample.type, sample.number, 1, sample.sha256, sample.payload_sha256, made.id, made.role)
            state.documents[f"{sample.type}:{sample.number}"] = entry
    return state


def findings(file: Path) -> list[Finding]:
    """What schema or rules say of the document at the moment it was made."""
    try:
        made = document(file)
    except BadInput as refusal:
        return refusal.findings
    envelope = Envelope.of(made)
    return check_message(made, envelope.created_at, trade(envelope)).findings


def faults(file: Path) -> list[Finding]:
    """What refuses the document."""
    return [finding for finding in findings(file) if finding.severity == Severity.ERROR]


def test_there_are_samples() -> None:
    assert len(VALID) >= 40 and len(INVALID) >= 60
    assert {*VALID, *INVALID} == {file for folder in SAMPLED for file in (*valid(folder), *invalid(folder))}


@of_each_message
def test_a_valid_sample_is_accepted(folder: Path) -> None:
    assert {file.stem: found for file in valid(folder) if (found := faults(file))} == {}


def test_the_samples_of_the_sea_trade_refer_to_each_other_and_need_no_warning() -> None:
    of_the_trade = [file for file in VALID if file.stem.startswith("s01")]
    assert len(of_the_trade) >= 40
    found = {
        name(file): [f for f in findings(file) if f.rule not in CIF_IN_A_CONTAINER and f.severity != Severity.INFO] for file in of_the_trade
    }
    assert {file: warned for file, warned in found.items() if warned} == {}


def test_the_documents_of_the_sea_trade_agree_with_each_other_after_every_step() -> None:
    lodged: dict[tuple[str, str], Document] = {}
    concerned: set[str] = set()
    for made in (made for envelope, made in timeline() if envelope.trade_id == SEA_TRADE):
        lodged[made.type, made.number] = made
        documents = DocumentSet(list(lodged.values()))
        assert [finding for rule in cross_rules() for finding in rule.findings(documents)] == []
        concerned |= {rule.id for rule in cross_rules() if rule.documents(documents)}
    assert len(concerned) >= 50


@of_each_message
def test_an_invalid_sample_is_refused_by_the_rule_it_is_named_after_and_by_no_other(folder: Path) -> None:
    for file in invalid(folder):
        named = NAMED_AFTER.fullmatch(file.stem)
        assert named, f"{file.name} is not named after a rule"
        found = faults(file)
        assert {finding.rule for finding in found} == {named[1]}, file.name
        assert all(finding.message and finding.pointer for finding in found), file.name


@of_each_message
def test_the_xml_twin_is_the_same_document(folder: Path) -> None:
    for file in valid(folder):
        twin = document(file.with_suffix(".xml"))
        assert (twin.sha256, twin.canonical) == (document(file).sha256, document(file).canonical), file.name


def test_no_xml_without_its_json() -> None:
    assert {file.with_suffix(".json") for file in TWINS} == set(VALID)


@of_each_message
def test_a_sampled_message_shows_two_good_and_three_bad_documents(folder: Path) -> None:
    assert len(valid(folder)) >= 2
    assert len(invalid(folder)) >= 3


@of_each_message
def test_sender_and_recipients_hold_roles_the_message_allows(folder: Path) -> None:
    message = catalogue().message(folder.parent.name)
    for file in valid(folder):
        envelope = Envelope.of(document(file))
        assert envelope.type == message.id, file.name
        assert envelope.role in message.from_roles, file.name
        assert envelope.recipient_roles <= {*message.to_roles}, file.name


def test_every_sample_has_its_own_message_id() -> None:
    ids = Counter(envelope.id for envelope, _ in timeline())
    assert [id for id, times in ids.items() if times > 1] == []


def test_a_reply_answers_a_sample_of_the_same_trade_that_may_be_so_answered() -> None:
    known = {envelope.id: envelope for envelope, _ in timeline()}
    for reply in known.values():
        if reply.in_reply_to:
            answered = known[reply.in_reply_to]
            assert answered.trade_id == reply.trade_id
            assert reply.type in (answered.type, *catalogue().message(answered.type).replies)
            assert answered.created_at < reply.created_at


@pytest.mark.parametrize("file", [f for f in VALID if f.stem.endswith("-presented")], ids=name)
def test_what_is_presented_by_reference_is_the_document_lodged_before(file: Path) -> None:
    lodged = document(file.with_stem(file.stem.removesuffix("-presented")))
    assert document(file).payload_sha256 == lodged.payload_sha256
    assert Envelope.of(document(file)).function == "31"
