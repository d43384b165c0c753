"""What adapter.toml of a business adapter states, read and checked."""

import functools
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradeflow.codec import formats
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.content import Table, load
from tradeflow.model.setting import TYPES, Given

PORT = "business"
OWN = ("json", "xml")  # our own forms, whole
RECORDS = "records"  # rows of the adapter itself
BYTES_MAX = 1_000_000  # of one file, unless [limits] says less or more


@dataclass(frozen=True, slots=True)
class Flow:
    """One message that leaves or comes in. `form` is json, xml, records or the id of a format; a row swaps it."""

    message: str
    form: str
    needs: tuple[str, ...] = ()  # decisions without which it cannot leave
    late: str = ""  # the decision after which it leaves late
    answers: str = ""  # the message that an incoming one answers, when it says no more than a number
    number: str = ""  # the path of that number


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """One business adapter as its folder describes it."""

    id: str
    folder: Path
    table: Table
    name: str
    summary: str
    roles: tuple[str, ...]
    others: str  # the form of messages that no row names: json or xml
    out: Mapping[str, Flow]
    in_: Mapping[str, Flow]
    settings: Mapping[str, Given] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    class_name: str = ""

    @property
    def bytes_max(self) -> int:
        """The largest file that it takes or makes."""
        return self.limits.get("bytes", BYTES_MAX)

    def faults(self, settings: Any) -> list[tuple[str, str]]:
        """(place, what is wrong) of what a party states under settings.adapter."""
        if not isinstance(settings, Mapping):
            return [("/settings/adapter", "is an object with the settings of the adapter")]
        found = [(f"/settings/adapter/{name}", f"{self.name} has no such setting") for name in settings if name not in self.settings]
        for name, row in self.settings.items():
            value = settings.get(name)
            if row.required and value in (None, ""):
                found.append((f"/settings/adapter/{name}", f"is needed: {row.text}"))
            elif value is not None and not row.fits(value):
                found.append((f"/settings/adapter/{name}", f"is not of the type {row.type}"))
            elif isinstance(value, str) and (len(value) > 200 or not value.isprintable()):
                found.append((f"/settings/adapter/{name}", "has at most 200 printable characters"))
        return found

    def whole(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings with their defaults."""
        return {name: row.default for name, row in self.settings.items() if row.default is not None} | dict(settings)

    def hooks(self, settings: Mapping[str, Any]) -> Any:
        """The adapter's own module, where it has one: an object with outgoing(bytes) and incoming(bytes); None for most."""
        if not self.class_name:
            return None
        return getattr(importlib.import_module(f"tradeflow.adapters.{self.id}"), self.class_name)(self.whole(settings))


@functools.cache
def adapters() -> dict[str, Adapter]:
    """All business adapters by id; ContentError for a manifest that cannot be read."""
    found: dict[str, Adapter] = {}
    for folder in importlib.import_module("tradeflow.adapters").__path__:
        for file in sorted(Path(folder).glob("*/adapter.toml")):
            table = load(file)
            if table.data.get("port") == PORT:
                found.setdefault(file.parent.name, read(table))
    return found


def read(table: Table) -> Adapter:
    """The adapter that a manifest describes."""
    data, folder = table.data, table.file.parent
    for key in ("name", "summary", "roles", "out"):
        if not data.get(key):
            raise table.defect(f"a business adapter needs {key}")
    try:
        settings = {name: Given(name, **row) for name, row in data.get("settings", {}).items()}
        flows = {way: {one["message"]: _flow(one) for one in data.get(way, ())} for way in ("out", "in")}
        limits = {name: int(value) for name, value in data.get("limits", {}).items()}
    except (KeyError, TypeError, ValueError) as error:
        raise table.defect(f"{type(error).__name__}: {error}") from None
    return Adapter(
        id=folder.name,
        folder=folder,
        table=table,
        name=str(data["name"]),
        summary=str(data["summary"]),
        roles=tuple(data["roles"]),
        others=str(data.get("others", "json")),
        out=flows["out"],
        in_=flows["in"],
        settings=settings,
        limits=limits,
        class_name=str(data.get("class", "")),
    )


def _flow(row: Mapping[str, Any]) -> Flow:
    members: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Flow(**members)


def check(adapter: Adapter, book: Catalogue | None = None) -> Iterator[ContentError]:
    """Every defect of the manifest itself."""
    known, table = book or catalogue(), adapter.table
    yield from (table.defect(f"there is no role {role}", role) for role in adapter.roles if role not in known.roles)
    yield from (table.defect(f"a setting has no type {row.type}", row.type) for row in adapter.settings.values() if row.type not in TYPES)
    yield from (table.defect(f"there is no limit {name}", name) for name in adapter.limits if name != "bytes")
    if adapter.others not in OWN:
        yield table.defect(f"others is one of {', '.join(OWN)}", "others")
    for way, flows in (("out", adapter.out), ("in", adapter.in_)):
        for flow in flows.values():
            if flow.message not in known.ids():
                yield table.defect(f"there is no message {flow.message}", flow.message)
                continue
            message = known.message(flow.message)
            meant = message.to_roles if way == "out" else message.from_roles
            if not set(adapter.roles) & set(meant):
                yield table.defect(f"no {' or '.join(adapter.roles)} {'gets' if way == 'out' else 'sends'} a {flow.message}", flow.message)
            yield from _forms(adapter, flow)
            if flow.answers and (flow.answers not in adapter.out or not message.field_at(flow.number)):
                yield table.defect(f"{flow.message}: answers names a message of out, and number a path of {flow.message}", flow.message)


def _forms(adapter: Adapter, flow: Flow) -> Iterator[ContentError]:
    if flow.form == RECORDS:
        if not (adapter.folder / RECORDS / f"{flow.message}.toml").exists():
            yield adapter.table.defect(f"{flow.message}: there are no rows in records/{flow.message}.toml", flow.message)
    elif flow.form not in OWN and flow.form not in formats.kinds():
        yield adapter.table.defect(f"there is no format {flow.form}", flow.form)
    elif flow.form not in OWN and flow.message not in formats.sheets(flow.form):
        yield adapter.table.defect(f"{flow.message} has no form in {flow.form}", flow.message)
