"""An exporter's ERP: what it wrote into its outbox goes to the hub, once, whatever happens on the way.

    python erp.py TRADE_ID outbox/

Each file of the outbox is a document without an envelope, named after its type: packing_list.json, commercial_invoice.json. The id of
the message is written beside the file before it is sent for the first time: a program that dies and starts again sends the same one.
"""

import json
import os
import sys
from pathlib import Path

from tradeflow.client import Client, Invalid
from tradeflow.client.calls import uuid7

RECIPIENTS = {
    "packing_list": [("van-der-meer", "importer"), ("kestrel-forwarding", "freight_forwarder")],
    "commercial_invoice": [("van-der-meer", "importer")],
}


def message_id(file: Path) -> str:
    """The id of a file's message, made once."""
    kept = file.with_suffix(".id")
    if not kept.exists():
        kept.write_text(uuid7())
    return kept.read_text()


def lodge(hub: Client, trade_id: str, file: Path) -> bool:
    """Lodge one file; its receipt, or what is wrong with it, is put beside it."""
    type_ = file.stem
    envelope = {
        "id": message_id(file),
        "type": type_,
        "created_at": hub.clock().now.isoformat(),  # of a sandbox; leave it out on a real hub
        "sender": {"party_id": "golden-lantern", "role": "exporter"},
        "recipients": [{"party_id": party, "role": role} for party, role in RECIPIENTS[type_]],
        "trade_id": trade_id,
    }
    try:
        receipt = hub.lodge({"message": envelope, **json.loads(file.read_bytes())})
    except Invalid as refused:
        for finding in refused.findings:
            print(f"{file.name}: {finding.rule} {finding.pointer}: {finding.message} {finding.hint}")
        return False
    file.with_suffix(".receipt").write_text(receipt.receipt.sha256)
    print(f"{file.name}: accepted, {', '.join(f'{move.region} is {move.target}' for move in receipt.response.moved)}")
    return True


def main(trade_id: str, outbox: Path) -> int:
    """Lodge everything that waits; 1 if something was refused."""
    with Client(os.environ["TRADEFLOW_URL"], os.environ["TRADEFLOW_KEY"]) as hub:
        waiting = [file for file in sorted(outbox.glob("*.json"), reverse=True) if not file.with_suffix(".receipt").exists()]
        refused = [file for file in waiting if not lodge(hub, trade_id, file)]
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
