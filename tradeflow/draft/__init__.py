"""Once-only data: the next document of a trade as far as the trade can already write it, with the origin of every value."""

from tradeflow.draft.fill import Draft, computed, copied, draft
from tradeflow.draft.missing import Missing, to_type
from tradeflow.draft.sources import Card, Origin

__all__ = ["Card", "Draft", "Missing", "Origin", "computed", "copied", "draft", "to_type"]
