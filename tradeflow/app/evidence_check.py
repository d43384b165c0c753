"""Checks the evidence of a trade: files against the manifest, events against each other, documents against their hashes.

Lies in every export as check.py, beside what it checks, and needs nothing but Python 3.9 or later: python3 check.py
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any


def main(folder: Path) -> int:
    """Print everything that is not as it must be; the number of faults is the exit code (0: all is well)."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    faults: list[str] = []
    for name, digest in manifest["files"].items():
        file = folder / name
        if not file.is_file():
            faults.append(f"{name} is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            faults.append(f"{name} was changed")
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines() if line]
    faults += chain(manifest, events)
    trade = json.loads((folder / "trade.json").read_text(encoding="utf-8"))
    for entry in trade["documents"]:
        digests = {hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob(f"documents/{entry['type']}/*.json")}
        partial = any(folder.glob(f"documents/{entry['type']}/*.partial.json"))
        if entry["sha256"] not in digests and not partial:
            faults.append(f"document {entry['type']} {entry['number']} is not the one of the trade")
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    counted = sum("body" in event for event in events)
    sys.stdout.write(f"{len(manifest['files'])} files, {len(events)} events ({counted} computed again): {len(faults)} faults\n")
    return min(len(faults), 100)


def chain(manifest: dict[str, Any], events: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the chain of events."""
    before = bytes(32).hex()
    for number, event in enumerate(events, 1):
        if event["seq"] != number or event["prev_hash"] != before:
            yield f"event {number} does not follow the one before it"
        if "body" in event and computed(manifest["trade_id"], event) != event["hash"]:
            yield f"event {number} does not have its hash"
        before = event["hash"]
    if before != manifest["head"] or len(events) != manifest["events"]:
        yield "the last event is not the one of the manifest"


def computed(trade_id: str, event: dict[str, Any]) -> str:
    """The hash of an event: over the hash before it, the length and text of each of its parts, and its body."""
    at = datetime.fromisoformat(event["at"].replace("Z", "+00:00")).astimezone(timezone.utc)  # noqa: UP017, FURB162 - runs on old Pythons too
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    parts = (trade_id, str(event["seq"]), stamp, event["party"], event["role"], event["key_id"], event["kind"], event["message_id"] or "")
    digest = hashlib.sha256(bytes.fromhex(event["prev_hash"]))
    for part in parts:
        digest.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    digest.update(base64.b64decode(event["body"]))
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
