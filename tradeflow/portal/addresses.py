"""Where pages lead to: the one place that knows the addresses of trades, documents and forms."""

from urllib.parse import quote, urlencode

from tradeflow.portal.page import HOME

TRADES = f"{HOME}/trades"


def trade(trade_id: str) -> str:
    """A trade."""
    return f"{HOME}/trades/{quote(trade_id, safe='')}"


def document(trade_id: str, type: str, number: str) -> str:
    """A document of a trade in its newest version."""
    return f"{trade(trade_id)}/documents/{quote(type, safe='')}/{quote(number, safe='')}"


def write(trade_id: str, type: str, role: str = "", instance: str = "", **more: str) -> str:
    """The form of a message that is to be written in a role, for the shipment or other instance it belongs to."""
    asked = urlencode({name: value for name, value in {"role": role, "instance": instance, **more}.items() if value})
    return f"{trade(trade_id)}/write/{quote(type, safe='')}" + (f"?{asked}" if asked else "")


def decide(trade_id: str, event: str, region: str = "", role: str = "") -> str:
    """The form of a decision."""
    asked = urlencode({name: value for name, value in (("region", region), ("role", role)) if value})
    return f"{trade(trade_id)}/decisions/{quote(event, safe='')}" + (f"?{asked}" if asked else "")


def desk(id: str, section: str = "", before: str = "") -> str:
    """A work list, or a section of it, from before a trade on."""
    asked = urlencode({name: value for name, value in (("section", section), ("before", before)) if value})
    return f"{HOME}/desks/{quote(id, safe='')}" + (f"?{asked}" if asked else "")
