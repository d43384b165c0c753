"""A customs adapter: takes declarations over into the authority's own file, one row each, and nothing twice.

    python customs.py declarations.csv

The row is written before the delivery is acknowledged, so nothing is lost; the column `message_id` keeps a declaration that is delivered
again from being written again.
"""

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from tradeflow.client import Client, InboxItem

COLUMNS = ["message_id", "trade_id", "declarant", "number", "delivered_at", "commodity_codes", "value"]


def row(item: InboxItem, document: dict[str, Any]) -> dict[str, str]:
    """What the authority's system wants to know of a declaration."""
    value = document.get("invoice_total", {})
    return {
        "message_id": str(item.message_id),
        "trade_id": item.trade_id,
        "declarant": item.sender.party_id,
        "number": document["document"]["number"],
        "delivered_at": item.delivered_at.isoformat(),
        "commodity_codes": " ".join(sorted({goods["commodity_code"] for goods in document["items"]})),
        "value": " ".join(value[key] for key in ("currency", "value") if key in value),
    }


def declaration(hub: Client, item: InboxItem) -> dict[str, Any]:
    """The declaration as JSON, whatever form it was lodged in."""
    entry = next(one for one in hub.documents(item.trade_id) if one.message_id == item.message_id)
    document: dict[str, Any] = json.loads(hub.document(item.trade_id, item.type, entry.number, entry.version).body)
    return document


def main(file: Path) -> None:
    """Take over what came since."""
    known = {line["message_id"] for line in csv.DictReader(file.open())} if file.exists() else set()
    with Client(os.environ["TRADEFLOW_URL"], os.environ["TRADEFLOW_KEY"]) as hub, file.open("a", newline="") as out:
        table = csv.DictWriter(out, COLUMNS)
        if not known and not file.stat().st_size:
            table.writeheader()
        for item in hub.deliveries(wait_seconds=1, until_empty=True):
            if item.type == "trade_declaration" and item.message_id not in known:
                table.writerow(written := row(item, declaration(hub, item)))
                out.flush()
                known.add(item.message_id)
                print(", ".join(written[column] for column in COLUMNS[1:]))
            hub.acknowledge(item.delivery_id)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
