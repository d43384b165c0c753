"""Which documents of a trade are of different shipments, so that no rule compares them with each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradeflow.model.document import Document


@dataclass(frozen=True, slots=True)
class Shipments:
    """Where each document was filed ("type:number" -> "goods#2"), and all instances of processes that the trade has."""

    of: Mapping[str, str]
    instances: frozenset[str]

    def apart(self, one: Document, other: Document) -> bool:
        """Whether two documents are of different shipments: the process of one has an instance for the shipment of the other.

        A contract, or a credit for the whole trade, is of every shipment; so is a document that nobody has filed yet nor said where.
        """
        return self.apart_instances(self._where(one), self._where(other))

    def apart_instances(self, here: str, there: str) -> bool:
        """Whether two instances are of different shipments; "" is one of the whole trade."""
        if not (here and there):
            return False
        (mine, _, my_shipment), (its, _, its_shipment) = here.partition("#"), there.partition("#")
        if my_shipment == its_shipment:
            return False
        return f"{its}#{my_shipment}" in self.instances or f"{mine}#{its_shipment}" in self.instances

    def _where(self, document: Document) -> str:
        filed = self.of.get(f"{document.type}:{document.number}")
        if filed is not None:
            return filed
        return str((document.data.get("message") or {}).get("process_instance") or "").partition(".")[0]
