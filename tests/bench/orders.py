"""Ten-line purchase orders: each a message of its own, for a trade of its own, in the words of the published sample."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tradeflow.bundle import bundle_root
from tradeflow.model.ids import uuid7

SAMPLES: Final = bundle_root() / "documents" / "purchase_order" / "samples" / "valid"
TYPES: Final = {"JSON": "application/json", "XML": "application/xml"}
TERMS: Final = {"incoterm": "FOB", "payment_method": "DA", "transport_mode": "1", "load_type": "LCL"}
_IMPORTER, _EXPORTER = "nordlicht-mode", "meghna-knit"
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade between a pair of parties; it takes one order."""

    trade_id: str
    pair: int

    @property
    def importer(self) -> str:
        return importer(self.pair)

    @property
    def exporter(self) -> str:
        return exporter(self.pair)


def importer(pair: int) -> str:
    """The party of a pair that orders."""
    return f"bench-importer-{pair:02d}"


def exporter(pair: int) -> str:
    """The party of a pair that is ordered from."""
    return f"bench-exporter-{pair:02d}"


class OrderForm:
    """Makes the order of any trade in one wire form, JSON (compact) or XML. Dates are moved so that it was issued yesterday."""

    def __init__(self, form: str) -> None:
        self.content_type = TYPES[form]
        text = (SAMPLES / f"alt.{form.lower()}").read_text(encoding="utf-8")
        sample = json.loads((SAMPLES / "alt.json").read_text(encoding="utf-8"))
        if form == "JSON":
            text = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
        issued = date.fromisoformat(sample["document"]["issue_date"])
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        self._text = _moved(text, yesterday - issued).replace(_IMPORTER, "\x01").replace(_EXPORTER, "\x02")
        self._id, self._trade_id, self._number = sample["message"]["id"], sample["message"]["trade_id"], sample["document"]["number"]

    def order(self, trade: Trade) -> bytes:
        """A message that no hub has seen yet."""
        text = self._text.replace("\x01", trade.importer).replace("\x02", trade.exporter)
        text = text.replace(self._id, str(uuid7())).replace(self._trade_id, trade.trade_id)
        return text.replace(self._number, f"PO-{trade.trade_id}").encode()


def _moved(text: str, by: timedelta) -> str:
    return _DATE.sub(lambda match: (date.fromisoformat(match[0]) + by).isoformat(), text)
