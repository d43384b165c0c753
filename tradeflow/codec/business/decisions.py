"""What an adapter decides for its partner's system: decisions.toml, content and no code.

    [[lodge_by]]
    message = "trade_declaration"
    when = { regime = ["HK_POST_14D"] }
    from = ["movement_date"]
    days = 14
    source = "Cap. 60E, regulations 4 and 5"

The first row of a name that fits decides. With `is` the value stands in the row, with `from` it is a time: that of the first of these
paths which has one, moved by days and hours.
"""

import functools
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tradeflow.codec.business.manifest import Adapter
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.content import load
from tradeflow.model.document import Document, get

KEYS = {"message", "when", "is", "from", "days", "hours", "source"}


@functools.cache
def rows(folder: Path) -> dict[str, Any]:
    """The rows by the name of what they decide; without decisions.toml none."""
    file = folder / "decisions.toml"
    return load(file).data if file.exists() else {}


def decided(adapter: Adapter, document: Document) -> dict[str, Any]:
    """What the adapter decides about a document, by name; what no row decides is not there."""
    found: dict[str, Any] = {}
    for name, choices in rows(adapter.folder).items():
        for row in choices:
            if row["message"] == document.type and _fits(row.get("when", {}), document):
                value = row["is"] if "is" in row else _moment(row, document)
                if value is not None:
                    found[name] = value
                    break
    return found


def overdue(value: Any, now: datetime) -> bool:
    """Whether a moment that was decided has passed: a day is over when it has ended in UTC."""
    if isinstance(value, datetime):
        return now > value
    return isinstance(value, date) and now >= datetime.combine(value + timedelta(days=1), time(), UTC)


def _fits(when: Mapping[str, list[Any]], document: Document) -> bool:
    return all(str(get(document.data, path)) in map(str, values) for path, values in when.items())


def _moment(row: Mapping[str, Any], document: Document) -> date | datetime | None:
    start = next((value for path in row["from"] if isinstance(value := get(document.data, path), date)), None)
    if start is None:
        return None
    if isinstance(start, datetime):
        return start + timedelta(days=row.get("days", 0), hours=row.get("hours", 0))
    return start + timedelta(days=row.get("days", 0))


def check(adapter: Adapter, book: Catalogue | None = None) -> Iterator[ContentError]:
    """Rows that ask for fields which are not there, and names that nobody decides."""
    known = book or catalogue()
    names = rows(adapter.folder)
    table = load(adapter.folder / "decisions.toml") if names else adapter.table
    for name, choices in names.items():
        if not isinstance(choices, list):
            yield table.defect(f"{name} is a list of rows: [[{name}]]", name)
            continue
        for row in choices:
            message = str(row.get("message", ""))
            if strange := sorted(set(row) - KEYS):
                yield table.defect(f"{name}: a row has no {', '.join(strange)}", strange[0])
            if message not in adapter.out:
                yield table.defect(f"{name}: {message} is no message that leaves", message)
                continue
            if ("is" in row) == ("from" in row) or not row.get("source"):
                yield table.defect(f"{name}: a row says either is or from, and the source of it", name)
            paths = [*row.get("when", {}), *row.get("from", ())]
            lost = [path for path in paths if not known.message(message).field_at(path)]
            yield from (table.defect(f"{name}: {message} has no field {path}", path) for path in lost)
    for flow in adapter.out.values():
        for name in {*flow.needs, *([flow.late] if flow.late else [])} - set(names):
            yield adapter.table.defect(f"{flow.message}: nothing in decisions.toml decides {name}", name)
