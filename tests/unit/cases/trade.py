"""A trade at machine level, no server: commands go straight to decide(), changes straight to fold()."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.changes import AnyChange
from tradeflow.machine.commands import Command, Context, Lodge, Open, Raise, Seed
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Machine
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import Participant, TradeState


@dataclass
class Trade:
    """State, documents and every change so far. `rules` evaluates the rules of documents/ as the hub does."""

    state: TradeState
    tables: Machine = field(default_factory=machine)
    docs: dict[str, Document] = field(default_factory=dict)
    changes: list[list[AnyChange]] = field(default_factory=list)
    rules: bool = False

    @classmethod
    def opened(cls, trade_id: str, terms: dict[str, Any], participants: list[tuple[str, str]], at: datetime) -> "Trade":
        """A trade its exporter or importer opened."""
        trade = cls(TradeState(trade_id))
        cast = [Participant(party, role) for party, role in participants]
        opener = next(p.party_id for p in cast if p.role in ("exporter", "importer"))
        answer = trade.do(Open(trade_id, terms, cast, opener), at)
        assert isinstance(answer, Decision), answer
        return trade

    @classmethod
    def seeded(
        cls,
        trade_id: str,
        terms: dict[str, Any],
        participants: list[tuple[str, str]],
        given: dict[str, str],
        history: list[Document],
        at: datetime,
    ) -> "Trade":
        """A trade that begins in the given states, with these documents on file."""
        trade = cls(TradeState(trade_id))
        cast = [Participant(party, role) for party, role in participants]
        answer = trade.do(Seed(trade_id, terms, cast, given, tuple(Lodge(d, Envelope.of(d)) for d in history)), at)
        assert isinstance(answer, Decision), answer
        for document in history:
            trade._keep(document)
        return trade

    def context(self, at: datetime, document: Document | None = None) -> Context:
        docs = DocumentSet(list(self.docs.values()))
        if not self.rules or document is None:
            return Context(at, docs)
        from tradeflow.rules.cross import check_set
        from tradeflow.rules.evaluate import check_message

        both = DocumentSet([d for d in docs.documents if d is not document] + [document])
        return Context(at, docs, check_message(document, at, self.state).findings, lambda rules: check_set(rules, both))

    def do(self, command: Command, at: datetime) -> Decision | Refusal:
        """Decide, and fold what was decided."""
        document = command.document if isinstance(command, Lodge) else None
        answer = decide(self.tables, self.state, command, self.context(at, document))
        if isinstance(answer, Decision):
            self.state = fold(self.state, answer.changes, at)
            self.changes.append(answer.changes)
            if document is not None:
                self._keep(document)
        return answer

    def _keep(self, document: Document) -> None:
        key = f"{document.type}:{document.number}"
        entry = self.state.documents.get(key)
        if entry and entry.sha256 == document.sha256:
            self.docs.pop(key, None)
            self.docs[key] = document

    def lodge(self, document: Document, at: datetime) -> Decision | Refusal:
        return self.do(Lodge(document, Envelope.of(document)), at)

    def decided(self, event: str, region: str, role: str, at: datetime, note: str = "") -> Decision | Refusal:
        """An event a person or the operator reports."""
        party = "operator" if role == "platform" else self.state.parties_with(role)[0]
        return self.do(Raise(event, region, party, role, note), at)

    def run_clocks(self, until: datetime) -> list[str]:
        """Fire every clock due by `until`, in order; the timers that fired."""
        fired = []
        while due := sorted((t.due_at, key) for key, t in self.state.timers.items() if t.due_at <= until):
            at, key = due[0]
            timer = self.state.timers[key]
            self.do(Raise(timer.event, timer.region), at)
            fired.append(key)
        return fired
