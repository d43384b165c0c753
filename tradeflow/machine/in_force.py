"""The documents in force: what is agreed now, among the newest versions of everything that was lodged."""

from collections.abc import Mapping
from typing import Any

from tradeflow.model.credit import AMENDMENT, CREDIT, CreditInForce, credit_in_force
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.shipments import Shipments
from tradeflow.model.trade import TradeState

CHANGE = "purchase_order_change"
OF_CREDIT, OF_CONTRACT = "lc.terms", "contract.changes"  # attributes: amendments, changes of the order that were accepted
_views: dict[tuple[str, ...], CreditInForce] = {}
_VIEWS_MAX = 500


def is_in_force(document: Document, attributes: Mapping[str, Any]) -> bool:
    """False for an amendment of the credit or a change of the order that nobody accepted."""
    if document.type == AMENDMENT:
        return document.get("amendment_no") in (attributes.get(OF_CREDIT) or ())
    if document.type == CHANGE:
        accepted = attributes.get(OF_CONTRACT)
        return document.number in accepted if accepted is not None else int(attributes.get("contract.version", 1)) > 1
    return True


def as_amended(credit: Document, docs: DocumentSet, attributes: Mapping[str, Any]) -> CreditInForce:
    """The credit with the accepted amendments among these documents; kept by the hashes of what it is made of."""
    accepted = [d for d in docs.of(AMENDMENT) if is_in_force(d, attributes)]
    if not accepted:
        return CreditInForce(credit)
    key = (credit.sha256, *(d.sha256 for d in accepted))
    view = _views.get(key)
    if view is None:
        if len(_views) >= _VIEWS_MAX:
            _views.clear()
        view = _views[key] = credit_in_force(credit, accepted)
    return view


def agreed(state: TradeState, instance: str) -> Mapping[str, Any]:
    """The facts of the trade as an instance sees them: its own before those of the trade."""
    own = f"{instance}/"
    mine = {key.removeprefix(own): value for key, value in state.attributes.items() if key.startswith(own)}
    return {**state.attributes, **mine} if mine else state.attributes


def amended(credit: Document, docs: DocumentSet, state: TradeState) -> CreditInForce:
    """A credit of this trade as amended by what its own instance of the process accepted."""
    entry = state.documents.get(f"{credit.type}:{credit.number}")
    return as_amended(credit, docs, agreed(state, entry.instance if entry else ""))


def in_force(docs: DocumentSet, state: TradeState) -> DocumentSet:
    """The set as agreed: each credit as amended, the order as last changed, nothing that still waits for an answer."""
    changes = [d for d in docs.of(CHANGE) if is_in_force(d, state.attributes)]
    found = []
    for document in docs.documents:
        if document.type == CREDIT:
            found.append(amended(document, docs, state).document)
        elif document.type != CHANGE or (changes and document is changes[-1]):
            found.append(document)
    return DocumentSet(found, _shipments(state).apart)


def _shipments(state: TradeState) -> Shipments:
    """The shipments of a trade, as its documents were filed."""
    filed = {f"{entry.type}:{entry.number}": entry.instance for entry in state.documents.values() if entry.instance}
    return Shipments(filed, frozenset(key.partition(".")[0] for key in state.regions))
