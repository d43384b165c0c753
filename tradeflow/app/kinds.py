"""The kinds of channels there are: every folder of adapters/ with an adapter.toml, and what other packages register."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import tomli

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.model.setting import Given
from tradeflow.ports import Channel, ChannelSettings, Server, ServerSettings

GROUP = "tradeflow.adapters"
MORE = ("hub", "fetches", "prints", "server", "server_setting", "server_kind")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channel: what it wants to be told, and the class that does it."""

    id: str
    name: str
    summary: str
    module: str
    class_name: str
    settings: Mapping[str, Given] = field(default_factory=dict)
    secrets: Mapping[str, Given] = field(default_factory=dict)
    hub: Sequence[str] = ()  # settings of the hub that its connectors are told
    fetches: bool = False  # its connectors look for what partners left (ports.Inlet)
    prints: bool = False  # its connectors are given the document on paper, too (Outgoing.printed)
    server: str = ""  # a class that listens for partners, where the hub's setting `server_setting` gives it a port
    server_setting: str = ""
    server_kind: str = ""  # whose channels that server serves

    def serving(self, given: ServerSettings) -> Server:
        """The server of this kind."""
        made: Server = getattr(import_module(self.module), self.server)(given)
        return made

    def faults(self, settings: Mapping[str, Any], secrets: set[str]) -> list[tuple[str, str]]:
        """(place, what is wrong) of the settings and secrets that somebody gives."""
        found = [(f"/settings/{name}", f"{self.name} has no such setting") for name in settings if name not in self.settings]
        found += [(f"/secrets/{name}", f"{self.name} has no such secret") for name in sorted(secrets) if name not in self.secrets]
        for name, row in self.settings.items():
            if row.required and settings.get(name) in (None, ""):
                found.append((f"/settings/{name}", f"is needed: {row.text}"))
            elif name in settings and not row.fits(settings[name]):
                found.append((f"/settings/{name}", f"is not of the type {row.type}"))
        needed = [row for row in self.secrets.values() if row.required and not row.generated and row.name not in secrets]
        found += [(f"/secrets/{row.name}", f"is needed: {row.text}") for row in needed]
        if not found and (own := getattr(self._class(), "faults", None)):
            found += [("/settings", said) for said in own(settings)]
        return found

    def connector(self, given: ChannelSettings) -> Channel:
        """A connector for one channel."""
        defaults = {name: row.default for name, row in self.settings.items() if row.default is not None}
        whole = replace(given, settings={**defaults, **given.settings})
        made: Channel = self._class()(whole)
        return made

    def _class(self) -> Any:
        return getattr(import_module(self.module), self.class_name)


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its id. Raises ContentError for an adapter.toml that cannot be read."""
    found: dict[str, Kind] = {}
    for root in content_roots():
        for file in sorted((root / "adapters").glob("*/adapter.toml")):
            id = file.parent.name
            for kind in _read(id, f"{GROUP}.{id}", file):
                found.setdefault(id, kind)
    for point in entry_points(group=GROUP):
        if point.name not in found:
            file = Path(str(import_module(point.module).__file__)).with_name("adapter.toml")
            found.update({kind.id: kind for kind in _read(point.name, point.module, file)})
    return found


def _read(id: str, module: str, file: Path) -> Iterator[Kind]:
    """The kind that adapter.toml states; nothing where it has no class or is for another port: a format is no channel."""
    try:
        table = tomli.loads(file.read_text(encoding="utf-8"))
        if "class" in table and table.get("port", "channel") == "channel":
            given = {part: {name: Given(name, **row) for name, row in table.get(part, {}).items()} for part in ("settings", "secrets")}
            yield Kind(
                id,
                table["name"],
                table["summary"],
                module,
                table["class"],
                given["settings"],
                given["secrets"],
                **{name: table[name] for name in MORE if name in table},
            )
    except (tomli.TOMLDecodeError, KeyError, TypeError) as error:
        raise ContentError(str(file), 1, f"{type(error).__name__}: {error}") from error
