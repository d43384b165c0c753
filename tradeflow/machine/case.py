"""What the words of guards, timers and effects look at: one region, the state around it, and what just happened."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tradeflow.machine.commands import Raise
from tradeflow.machine.in_force import agreed, as_amended, is_in_force
from tradeflow.model.credit import AMENDMENT, CREDIT
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding
from tradeflow.model.trade import Payable, RegionState, TitleState, TradeState

if TYPE_CHECKING:
    from tradeflow.machine.tables import Machine, Region, Transition

ORDERS = ("purchase_order", "sales_order", "purchase_order_change")
BILLS = ("bill_of_lading", "house_bill_of_lading")
TRANSPORT_DOCUMENTS = (*BILLS, "sea_waybill", "master_air_waybill", "house_air_waybill")
BANKS = frozenset({"issuing_bank", "advising_bank", "confirming_bank", "remitting_bank", "collecting_bank"})
OF_CREDITS = frozenset({CREDIT, AMENDMENT})
SPENT = frozenset({"VOIDED", "SURRENDERED_FOR_DELIVERY", "SURRENDERED_FOR_AMENDMENT"})


@dataclass(slots=True)
class Case:
    """One question put to one region. `document` and `envelope` are those of the message behind it, also in signals;

    `actors` are the parties that act: the sender, or in allowed() everybody who could be it.
    """

    machine: "Machine"
    state: TradeState
    now: datetime
    region: "Region"
    instance: str
    docs: DocumentSet = field(default_factory=DocumentSet)
    findings: Sequence[Finding] = ()
    cross: Callable[[Sequence[str]], list[Finding]] = lambda _: []
    document: Document | None = None
    envelope: Envelope | None = None
    raised: Raise | None = None
    transition: "Transition | None" = None
    actors: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return f"{self.instance}.{self.region.id}"

    @property
    def here(self) -> RegionState:
        """The region's state; the initial one where the instance is not there yet."""
        return self.state.regions.get(self.key) or RegionState(self.region.initial)

    def at(self, region: str, instance: str) -> "Case":
        """The same question put to another region ("process.region") of an instance."""
        found = self.machine.region(region)
        assert found is not None, region
        return Case(
            self.machine, self.state, self.now, found, instance, self.docs, self.findings, self.cross, self.document, self.envelope,
            self.raised, self.transition, self.actors,
        )  # fmt: skip

    def value(self, path: str) -> Any:
        """The value at a path of the message, or None."""
        return self.document.get(path) if self.document else None

    def documents(self, types: Iterable[str]) -> Iterator[Document]:
        """Documents in force of these types, newest first, the message itself before all others; a credit as amended."""
        wanted = frozenset(types)
        if self.document is not None and self.document.type in wanted:
            yield self.document
        credits = self._credits() if wanted & OF_CREDITS else frozenset()
        for document in reversed(self.docs.documents):
            if document.type in OF_CREDITS and credits and credit_number(document) not in credits:
                continue
            if document.type in wanted and document is not self.document and self.in_force(document):
                yield as_amended(document, self.docs, self._agreed).document if document.type == CREDIT else document

    def _credits(self) -> frozenset[str]:
        """The numbers of the credits this case is about, where the trade has several; none where nothing tells."""
        known = {document.number for document in self.docs.of(CREDIT)}
        if len(known) < 2:
            return frozenset()
        said = self.document and credit_number(self.document)
        return frozenset({str(said)} & known or {*self.state.keys.get(self.instance, ())} & known)

    def latest(self, *types: str) -> Document | None:
        """The newest document in force of any of these types, or None."""
        return next(self.documents(types), None)

    def stored(self, *types: str) -> Document | None:
        """The newest document of these types that was there before this message, or None."""
        wanted = frozenset(types)
        return next((d for d in reversed(self.docs.documents) if d.type in wanted and d is not self.document), None)

    def in_force(self, document: Document) -> bool:
        """False for an amendment of the credit or a change of the order that nobody accepted."""
        return is_in_force(document, self._agreed)

    @property
    def _agreed(self) -> Mapping[str, Any]:
        """The facts of the trade with those of this instance in their place."""
        return agreed(self.state, self.instance)

    def find(self, paths: Iterable[str], types: Iterable[str]) -> tuple[Any, Document | None]:
        """The first value present at one of the paths, in the message or else in the newest documents of these types."""
        sources = [self.document] if self.document is not None else []
        for document in (*sources, *self.documents(types)):
            for path in paths:
                value = document.get(path)
                if value is not None:
                    return value, document
        return None, None

    def term(self, path: str) -> Any:
        """A term of the contract: of the newest order document, else of the pro-forma, else as the trade was opened; or None."""
        for types in (ORDERS, ("proforma_invoice",)):
            document = self.latest(*types)
            if document is not None and (value := document.get(path)) is not None:
                return value
        for name in (path, path.replace(".", "_"), path.rpartition(".")[2]):
            if name in self.state.terms:
                return self.state.terms[name]
        return None

    def state_of(self, region: str) -> str:
        """The state of "process.region" as this instance sees it: its own, that of the same suffix, or the base one."""
        process, _, name = region.partition(".")
        suffix = self.instance.partition("#")[2]
        if suffix and (own := self.state.state_of(f"{process}#{suffix}.{name}")):
            return own
        return self.state.state_of(region)

    def states_of(self, region: str) -> dict[str, str]:
        """The states of "process.region" in every instance, by "instance.region"."""
        process, _, name = region.partition(".")
        found = {}
        for key, value in self.state.regions.items():
            instance, _, own = key.partition(".")
            if own == name and instance.partition("#")[0] == process:
                found[key] = value.state
        return found

    @property
    def bill(self) -> str:
        """The number of the bill the message is about, or ""."""
        if self.document is None:
            return ""
        if self.document.type in TRANSPORT_DOCUMENTS:
            return self.document.number
        return str(self.value("bill.number") or self.value("transport_document.number") or "")

    def title(self) -> TitleState | None:
        """Control of the bill the message is about; without a message, of the newest bill of this instance."""
        if number := self.bill:
            for kind in BILLS:
                if found := self.state.titles.get(f"{kind}:{number}"):
                    return found
            return None
        mine = [t for t in self.state.titles.values() if t.instance == self.instance]
        return mine[-1] if mine else None

    def payable(self) -> Payable | None:
        return self.state.payables.get(self.instance)

    def attribute(self, name: str) -> Any:
        """A fact of this instance, else of the trade, or None."""
        own = self.state.attributes.get(f"{self.instance}/{name}")
        return own if own is not None else self.state.attributes.get(name)


def credit_number(document: Document) -> str:
    """The credit a document is, changes or names; "" if it names none."""
    return document.number if document.type == CREDIT else str(document.get("lc_number") or "")


def scalar(value: Any) -> str:
    """A value of a document as people and rows write it: "true", "5", "2025-01-06", "AP"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
