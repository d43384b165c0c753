"""Once-only data: the next document of a trade as far as the trade can already write it, with the origin of every value."""

from tradeflow.draft.fill import Card, Draft, Origin, draft
from tradeflow.draft.missing import Missing, to_type

__all__ = ["Card", "Draft", "Missing", "Origin", "draft", "to_type"]
