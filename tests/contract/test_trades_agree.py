"""The samples of a trade agree with each other after every document: no rule across documents finds anything."""

import pytest

from tests.contract.test_samples import timeline
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.cross import cross_rules

RELEASED = ("NDC-2025-0807", "FKC-2025-0830", "VHD-2025-0318", "TPT-2025-0602")  # telex, guarantee, detained container, house bill
CONCERNED_LEAST = {
    "NDC-2025-0807": 14,
    "FKC-2025-0830": 18,
    "VHD-2025-0318": 10,
    "TPT-2025-0602": 40,
}  # rules that have something to compare


@pytest.mark.parametrize("trade_id", RELEASED)
def test_the_documents_of_a_trade_agree_after_every_step(trade_id: str) -> None:
    lodged: dict[tuple[str, str], Document] = {}
    concerned: set[str] = set()
    for made in (made for envelope, made in timeline() if envelope.trade_id == trade_id):
        lodged.pop((made.type, made.number), None)
        lodged[made.type, made.number] = made
        documents = DocumentSet(list(lodged.values()))
        assert [finding for rule in cross_rules() for finding in rule.findings(documents)] == []
        concerned |= {rule.id for rule in cross_rules() if rule.documents(documents)}
    assert len(concerned) >= CONCERNED_LEAST[trade_id]
