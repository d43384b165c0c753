"""Who sits at a place of the table: the scenario itself, or somebody else who acts for a party when its step comes."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from tradeflow.client import AsyncClient, HubProblem, Move, Receipt
from tradeflow.scenario.load import Step

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a step: what moved, or the problem it was refused with."""

    moved: list[Move] = field(default_factory=list)
    copies: list[tuple[str, str]] = field(default_factory=list)  # (delivery id, party) of everybody who gets one
    problem: HubProblem | None = None
    tree: Json | None = None  # the document, as it was lodged
    payload_sha256: str = ""
    by_others: bool = False  # somebody else than the scenario did it
    early: bool = False  # it may have been done a while ago: the states went on since

    @classmethod
    def of(cls, receipt: Receipt, tree: Json | None = None, by_others: bool = False) -> "Done":
        """The outcome that a receipt states."""
        copies = [(copy.delivery_id, copy.party_id) for copy in receipt.deliveries]
        return cls(receipt.response.moved, copies, None, tree, receipt.receipt.payload_sha256, by_others)


@dataclass(frozen=True, slots=True)
class Due:
    """What a party has to do at its step. `example` is a document to lodge, or the body of a decision; {} where the scenario cannot say it.

    `instance`: of which shipment, bill, declaration ... it is; `refers`: the documents of the trade it names, as (type, number);
    `says`: by path, the parties and codes that decide where the trade goes.
    """

    example: Json
    instance: str = ""
    refers: tuple[tuple[str, str], ...] = ()
    says: dict[str, Any] = field(default_factory=dict)


class Absent(Exception):
    """Nobody did the step in time; the text says what was waited for, and what was refused meanwhile."""


class Seat(Protocol):
    """Acts for one party. `away` parties hold their own keys: the player neither makes one for them nor reads their inbox."""

    away: bool
    second: bool  # asked only where the scenario's own words are refused

    async def take(self, operator: AsyncClient, own: AsyncClient | None, party: str, trade_id: str) -> None:
        """Sit down: the trade is open, and this is the party's connection where the player made one."""

    def shown(self, due: Due) -> None:
        """What the step that comes is about: for whoever has to be told."""

    async def act(self, step: Step) -> Done | None:
        """Do the step, or say that it was done already; None leaves it to the scenario. Raises Absent."""
