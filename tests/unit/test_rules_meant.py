"""A trade with several documents of one type: a rule compares those that belong together."""

import copy
from typing import Any

from tests.rule_proof import tree
from tradeflow.codec import canonical
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.cross import check_set
from tradeflow.rules.meant import meant, references


def sample(message: str, name: str, number: str, **values: Any) -> Document:
    made = copy.deepcopy(tree(message, name))
    made["document"]["number"] = number
    made.update(values)
    made.pop("references", None)
    return canonical.document(message, made)


FIRST = sample("insurance_declaration", "s12", "PDM-OC-2025-014-37")
SECOND = sample("insurance_declaration", "s12", "PDM-OC-2025-014-38", insured_value={"value": "11000.00", "currency": "USD"})
CERTIFICATE = sample("insurance_certificate", "s12", "014/37")


def test_a_certificate_is_compared_with_the_declaration_it_names_though_another_came_later() -> None:
    assert check_set(["X-34"], DocumentSet([FIRST, CERTIFICATE, SECOND])) == []
    wrong = sample("insurance_certificate", "s12", "014/37", insured_value={"value": "11000.00", "currency": "USD"})
    assert {f.rule for f in check_set(["X-34"], DocumentSet([FIRST, wrong, SECOND]))} == {"X-34"}


def test_references_are_found_wherever_they_stand() -> None:
    named = references(canonical.document("insurance_certificate", tree("insurance_certificate", "s12")))
    assert {("open_insurance_policy", "PDM-OC-2025-014"), ("insurance_declaration", "PDM-OC-2025-014-37")} <= named
    assert ("master_air_waybill", "888-10004750") in named, "a member of an object"
    assert references(CERTIFICATE) is references(sample("insurance_certificate", "s12", "014/37")), "walked once for the same content"


def test_who_refers_to_the_subject_is_meant_where_the_subject_names_nobody() -> None:
    other = sample("insurance_certificate", "s12", "014/38", declaration={"type": "insurance_declaration", "number": SECOND.number})
    assert meant([CERTIFICATE, other], FIRST) is CERTIFICATE
    assert meant([CERTIFICATE, other], SECOND) is other


def test_without_any_reference_the_newest_is_meant() -> None:
    unrelated = sample("transport_status", "s02", "ARR-1")
    assert meant([FIRST, SECOND], unrelated) is SECOND
    assert meant([FIRST, SECOND], None) is SECOND
    assert meant([FIRST, CERTIFICATE], SECOND) is CERTIFICATE, "of several types the newest document says which"
