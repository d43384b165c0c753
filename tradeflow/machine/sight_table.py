"""What every role sees of every message, as a page: generated, so that it is what the hub does."""

from collections.abc import Iterator
from pathlib import Path

from tradeflow.machine.sight import ALL, Redact, paths_of, sees_type, sights
from tradeflow.model.catalogue import Catalogue, MessageType

FIELDS_MAX = 6  # paths in one cell; a row that takes more says how many


def write_sight_table(workflows: Path, book: Catalogue) -> Path:
    """Write the page beside visibility.toml."""
    file = workflows / "_common" / "VISIBILITY.md"
    file.write_text(sight_table(book), encoding="utf-8")
    return file


def sight_table(book: Catalogue) -> str:
    """The page: for every role, its states, and every message it may come to see with what is withheld."""
    lines = [
        "# Who sees what",
        "",
        "<!-- generated from visibility.toml and kinds.toml by `tradeflow schemas` -->",
        "",
        "A party sees whole what it sent. It sees what was addressed to it, and every document of the messages marked `all`,",
        "without what is withheld from its role. A party in several roles sees what any of them sees. What is not in the table of",
        "a role it never sees: the hub refuses messages to a role that does not receive them.",
        "",
    ]
    for role in sights():
        lines += _role(role, book)
    return "\n".join(lines) + "\n"


def _role(role: str, book: Catalogue) -> Iterator[str]:
    sight = sights()[role]
    yield f"## {role}"
    yield ""
    yield f"States: {', '.join(sight.states) or 'none'}."
    yield ""
    for row in sight.redact:
        when = f" (not if {row.unless})" if row.unless else ""
        yield f"- withheld: {row.text}{when}"
    if sight.redact:
        yield ""
    yield "| message | sees | withheld |"
    yield "| --- | --- | --- |"
    for message in map(book.message, book.ids()):
        if how := sees(role, message):
            yield f"| {message.id} | {how} | {_withheld(sight.redact, message)} |"
    yield ""


def sees(role: str, message: MessageType) -> str:
    """How a role comes to see a message: "all", "sent", "addressed", or "" for never."""
    if sees_type(role, message.id):
        return "all"
    return ", ".join(word for word, roles in (("sent", message.from_roles), ("addressed", message.to_roles)) if role in roles)


def _withheld(rows: tuple[Redact, ...], message: MessageType) -> str:
    cells = []
    for row in rows:
        paths = sorted(paths_of(row, message.id))
        if not paths:
            continue
        shown = ["everything"] if ALL in paths else [f"`{path}`" for path in paths[:FIELDS_MAX]]
        more = [] if ALL in paths or len(paths) <= FIELDS_MAX else [f"{len(paths) - FIELDS_MAX} more"]
        cells.append(", ".join([*shown, *more]) + (f" unless {row.unless}" if row.unless else ""))
    return "; ".join(cells)
