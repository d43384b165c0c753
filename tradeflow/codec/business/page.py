"""The page of an adapter, docs/adapters/<name>.md: what people wrote about it, and between two marks what its tables say."""

from collections.abc import Iterator
from pathlib import Path

from tradeflow.codec import formats
from tradeflow.codec.business import decisions, words
from tradeflow.codec.business.manifest import RECORDS, Adapter, Flow
from tradeflow.model.catalogue import catalogue

BEGIN, END = "<!-- made by tradeflow adapter --write -->", "<!-- end -->"


def place(adapter: Adapter) -> Path | None:
    """Where the page is, beside the folder adapters/; None in an installed package, which has no pages."""
    root = adapter.folder.parent.parent
    return None if root.name == "_bundle" else root / "docs" / "adapters" / f"{adapter.id}.md"


def fault(adapter: Adapter) -> str:
    """What is wrong with the page, or ""."""
    file = place(adapter)
    if file is None:
        return ""
    if not file.exists():
        return f"there is no page docs/adapters/{adapter.id}.md"
    text = file.read_text(encoding="utf-8")
    return "" if f"{BEGIN}\n{made(adapter)}{END}" in text else f"the page docs/adapters/{adapter.id}.md is behind its tables"


def write(adapter: Adapter) -> None:
    """Put what the tables say between the marks; a page that is not there yet begins with the name and the summary."""
    file = place(adapter)
    if file is None:
        return
    text = file.read_text(encoding="utf-8") if file.exists() else f"# {adapter.name}\n\n{adapter.summary}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2].lstrip("\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{before.rstrip()}\n\n{BEGIN}\n{made(adapter)}{END}\n" + (f"\n{after}" if after else ""), encoding="utf-8")


def made(adapter: Adapter) -> str:
    """What the tables say, as Markdown."""
    return "\n".join([*_flows(adapter), *_settings(adapter), *_words(adapter), *_decisions(adapter)]) + "\n"


def _flows(adapter: Adapter) -> Iterator[str]:
    yield from ("| message | way | form | answers |", "| --- | --- | --- | --- |")
    for way, flows in (("out", adapter.out), ("in", adapter.in_)):
        for flow in flows.values():
            answers = f"{flow.answers}, by {flow.number}" if flow.answers else ""
            yield f"| {catalogue().message(flow.message).name} (`{flow.message}`) | {way} | {_form(flow)} | {answers} |"
    yield ""
    yield f"Whatever else is sent to it goes as {adapter.others.upper()}. A file has at most {adapter.bytes_max:,} bytes."


def _form(flow: Flow) -> str:
    if flow.form == RECORDS:
        return "its own records"
    return formats.kinds()[flow.form].name if flow.form in formats.kinds() else f"our {flow.form.upper()}"


def _settings(adapter: Adapter) -> Iterator[str]:
    if adapter.settings:
        yield from ("", "| setting | what |", "| --- | --- |")
    for row in adapter.settings.values():
        more = ", needed" if row.required else f", else {row.default!r}" if row.default is not None else ""
        yield f"| `{row.name}` | {row.text.rstrip('.')}{more} |"


def _words(adapter: Adapter) -> Iterator[str]:
    for message, tables in words.status(adapter.folder).items():
        for path, pairs in tables.items():
            yield from ("", f"| its word | `{message}`, `{path}` |", "| --- | --- |")
            yield from (f"| {word} | {code} |" for word, code in pairs.items())


def _decisions(adapter: Adapter) -> Iterator[str]:
    for name, rows in decisions.rows(adapter.folder).items():
        yield from ("", f"| `{name}` | where | source |", "| --- | --- | --- |")
        for row in rows:
            moved = " and ".join(f"{row[unit]} {unit}" for unit in ("days", "hours") if unit in row)
            what = f"`{row['is']}`" if "is" in row else f"{' or '.join(f'`{path}`' for path in row['from'])} {moved}".strip()
            where = ", ".join(f"`{path}` is {' or '.join(map(str, values))}" for path, values in row.get("when", {}).items())
            yield f"| {what} | {where or 'always'} | {row['source']} |"
