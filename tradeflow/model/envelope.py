"""The envelope of a message, read from its `message` member (catalogue: envelope)."""

from dataclasses import dataclass
from datetime import datetime

from tradeflow.model.document import Document


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends what to whom, in which trade, as an answer to what."""

    id: str
    type: str
    function: str
    created_at: datetime
    sender: str  # party id
    role: str
    recipients: tuple[tuple[str, str], ...]  # (party id, role)
    trade_id: str
    process_instance: str = ""  # "payment#premium" narrows dispatch to one instance
    in_reply_to: str = ""

    @classmethod
    def of(cls, document: Document) -> "Envelope":
        """The envelope of a document that passed its schema."""
        m = document.data["message"]
        return cls(
            id=m["id"],
            type=m["type"],
            function=m["function"],
            created_at=m["created_at"],
            sender=m["sender"]["party_id"],
            role=m["sender"]["role"],
            recipients=tuple((r["party_id"], r["role"]) for r in m["recipients"]),
            trade_id=m["trade_id"],
            process_instance=m.get("process_instance", ""),
            in_reply_to=m.get("in_reply_to", ""),
        )

    @property
    def recipient_roles(self) -> set[str]:
        return {role for _, role in self.recipients}


def created_on(day: str) -> str:
    """The time of a message whose file says only its day ("2025-01-03"): the first moment at which it is that day anywhere.

    The same file is then the same message, and nobody who sends it on that day, wherever he is, sends it from the future (M-GEN-03).
    """
    return f"{day}T00:00:00+14:00"
