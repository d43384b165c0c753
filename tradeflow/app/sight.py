"""What one reader sees of one trade: as the party it is, and, if it asks to see as another role does, no more than that role."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import UUID

from tradeflow.app.access import Caller
from tradeflow.errors import Refused
from tradeflow.language.sentences import say
from tradeflow.machine.sight import common, holds, paths_of, sees_type, sights
from tradeflow.model.trade import TradeState
from tradeflow.store.circulation import Circulation

NOTHING: frozenset[str] = frozenset()
SHOWS_OTHERS = frozenset({"exporter", "importer"})
SHARED_FACTS = ("hold.", "customs.")  # facts of the goods, which concern whoever handles them


@dataclass(frozen=True, slots=True)
class View:
    """Some parties in some roles: what they sent, what was addressed to them, and what their roles may see besides."""

    parties: frozenset[str]
    roles: frozenset[str]

    def sent(self, known: Circulation) -> bool:
        return known.sender[0] in self.parties and known.sender[1] in self.roles

    def addressed(self, known: Circulation) -> bool:
        return any(party in self.parties and role in self.roles for party, role in known.recipients)

    def region(self, key: str) -> bool:
        return any(role in sights() and sights()[role].region(key) for role in self.roles)

    def withheld(self, known: Circulation, terms: Mapping[str, Any], data: Mapping[str, Any]) -> frozenset[str] | None:
        """The paths withheld of a message; None where the message is not for these eyes at all."""
        if self.sent(known):
            return NOTHING
        addressed = self.addressed(known)
        may = [
            role for role in self.roles if sees_type(role, known.type) or any(r == role and p in self.parties for p, r in known.recipients)
        ]
        if not may:
            return None
        taken = [self._of_role(role, known.type, terms, addressed, data) for role in may]
        return reduce(common, taken)

    def _of_role(self, role: str, type_: str, terms: Mapping[str, Any], addressed: bool, data: Mapping[str, Any]) -> frozenset[str]:
        rows = sights()[role].redact if role in sights() else ()
        return NOTHING.union(*(paths_of(row, type_) for row in rows if not holds(row.unless, self.roles, terms, addressed, data)))

    def payable(self, kind: str) -> bool:
        """Whether some of the roles sees payables of this kind."""
        return any(
            any(state.partition(".")[0] == "payment" for state in sights()[role].states)
            and not any(kind in row.payables for row in sights()[role].redact)
            for role in self.roles
            if role in sights()
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """The views of a reader, all of which must allow what it sees; none at all for the operator, who sees everything."""

    views: tuple[View, ...]
    terms: Mapping[str, Any]
    circulation: Mapping[UUID, Circulation]

    @classmethod
    def of(cls, caller: Caller, state: TradeState, circulation: Mapping[UUID, Circulation], as_role: str = "") -> "Sight":
        """Raises Refused FORBIDDEN_VIEW where the caller may not look as this role."""
        held = frozenset(role for role in state.roles_of(caller.party_id) if caller.may_act_as(role))
        views = [] if caller.operator else [View(frozenset({caller.party_id}), held)]
        if as_role:
            if not (caller.operator or held & SHOWS_OTHERS or as_role in held):
                raise Refused("FORBIDDEN_VIEW", "the exporter and the importer may look at a trade as another role sees it", 403)
            if as_role not in sights():
                raise Refused("FORBIDDEN_VIEW", say("there is no role %(as_role)s", as_role=as_role), 403)
            views.append(View(frozenset(state.parties_with(as_role)), frozenset({as_role})))
        return cls(tuple(views), state.terms, circulation)

    @classmethod
    def kept(cls, caller: Caller, state: TradeState, circulation: Mapping[UUID, Circulation]) -> "Sight":
        """With the eyes of the roles that a party gave up. What reached it in them is for whoever asks to make sure."""
        roles = frozenset(role for role in state.left_as(caller.party_id) if caller.may_act_as(role))
        return cls((View(frozenset({caller.party_id}), roles),), state.terms, circulation)

    @property
    def everything(self) -> bool:
        return not self.views

    def region(self, key: str) -> bool:
        return all(view.region(key) for view in self.views)

    def process(self, instance: str, regions: Mapping[str, Any]) -> bool:
        """Whether some region of an instance is seen."""
        return any(self.region(f"{instance}.{region}") for region in regions)

    def payable(self, kind: str) -> bool:
        return all(view.payable(kind) for view in self.views)

    def message(self, message_id: UUID | str | None, data: Mapping[str, Any] | None = None) -> frozenset[str] | None:
        """The paths withheld of a message by its id; None where it may not be seen at all."""
        if self.everything:
            return NOTHING
        known = self.circulation.get(message_id if isinstance(message_id, UUID) else UUID(message_id)) if message_id else None
        if known is None:
            return None
        found = NOTHING
        for view in self.views:
            taken = view.withheld(known, self.terms, data or {})
            if taken is None:
                return None
            found |= taken
        return found

    def fact(self, attribute: str) -> bool:
        """Whether a fact of the trade ("lc.utilised", "payment#premium/x") belongs to a process the reader sees."""
        if self.everything or attribute.startswith(SHARED_FACTS):
            return True
        return self.process_seen(attribute.partition("/")[0].partition(".")[0].partition("#")[0])

    def process_seen(self, process: str) -> bool:
        """Whether the reader sees a process as a whole."""
        return all(any(role in sights() and process in sights()[role].states for role in view.roles) for view in self.views)
