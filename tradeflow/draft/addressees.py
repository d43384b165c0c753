"""Whom a draft is addressed to: those who need it, and nobody who only happens to play a role that could get it.

What a document says is told to whoever it is sent to. A premium is not the buyer's business, an export declaration not that of the
customs at the destination; so the rows of a message say who gets it, each the first of some alternatives that finds anybody:

  customs                    who plays the role; of several those in the country where it happens, if any are
  near:importer              who plays the role in that country, nobody else
  reply:booking_request      who sent the newest document of this type or alias to the sender; reply:*  of any type
  told:insurance_policy      whom the sender sent its newest document of this type or alias to
  here:recipient             the party that the draft, or another source of a draft, names
  whom:carriage              the rows of that name that several messages share
"""

from collections.abc import Iterator
from typing import Any

from tradeflow.draft.rows import To, sheet
from tradeflow.draft.sources import Sources
from tradeflow.model.document import Document
from tradeflow.model.trade import Participant

OF_SENDING = ("reply", "told")
ANYTHING = "*"


def addressed(sources: Sources) -> list[Participant]:
    """The participants that the draft goes to, each once, in the order of the rows; none where nobody plays such a role."""
    return _Letter(sources).all()


class _Letter:
    def __init__(self, sources: Sources) -> None:
        self._sources, kind = sources, sources.kind
        own = sheet(kind.folder / "draft.toml")
        self._rows = own.to or tuple(To((role,)) for role in kind.to_roles)
        self._country = self._where(own.near)
        self._others = [p for p in sources.participants if p.role in kind.to_roles and p.party_id != sources.party]

    def all(self) -> list[Participant]:
        return list(dict.fromkeys(found for row in self._rows for found in self._row(row)))

    def _row(self, row: To) -> list[Participant]:
        if not all(self._sources.says(source, values) for source, values in row.when.items()):
            return []
        return next((found for who in row.who if (found := self._who(who))), [])

    def _who(self, who: str) -> list[Participant]:
        name, _, rest = who.partition(":")
        if name == "whom":
            return [found for row in self._sources.shared.whom[rest] for found in self._row(row)]
        if name in OF_SENDING:
            return self._of_sending(name, rest)
        if rest and name != "near":
            return [p for _, value, _ in self._sources.find(who, "") for p in self._others if self._is(value, p)][:1]
        holders = [p for p in self._others if p.role == (rest if name == "near" else name)]
        near = [p for p in holders if self._country and (card := self._sources.register.get(p.party_id)) and card.country == self._country]
        return near if near or name == "near" else holders

    def _of_sending(self, name: str, type_: str) -> list[Participant]:
        wanted = self._sources.shared.alias.get(type_, (type_,))
        for document in reversed(self._sources.documents):
            if document.type not in wanted and type_ != ANYTHING:
                continue
            mine = document.get("message.sender.party_id") == self._sources.party
            ends = list(_ends(document))
            if mine == (name == "told") and (mine or any(to.party_id == self._sources.party for to in ends[1:])):
                return [p for p in (ends[1:] if mine else ends[:1]) if p in self._others]
        return []

    def _is(self, value: Any, participant: Participant) -> bool:
        """Whether a party, as a document describes it, is this one: by its id, else by its name."""
        if not isinstance(value, dict):
            return False
        card = self._sources.register.get(participant.party_id)
        if value.get("party_id"):
            return bool(value["party_id"] == participant.party_id)
        return card is not None and str(value.get("name")).casefold() == card.name.casefold()

    def _where(self, near: tuple[str, ...]) -> str:
        """The country in which it happens: of the first that is known, else the sender's."""
        for source in near:
            for _, country, _ in self._sources.find(source, ""):
                return str(country)
        card = self._sources.register.get(self._sources.party)
        return card.country if card else ""


def _ends(document: Document) -> Iterator[Participant]:
    """The sender, then the recipients, as far as the reader is told of them."""
    head: dict[str, Any] = document.data.get("message", {})
    for end in (head.get("sender"), *head.get("recipients", ())):
        if end:
            yield Participant(end["party_id"], end["role"])
