"""The table of settings in docs/operators.md. `python -m tests.docs.settings_table` writes it anew after a setting changed."""

from pathlib import Path

from tradeflow.bundle import bundle_root
from tradeflow.settings import Settings

PAGE = bundle_root() / "docs" / "operators.md"
BEGIN, END = "<!-- settings: written by python -m tests.docs.settings_table -->\n", "<!-- end of settings -->\n"


def table() -> str:
    """One row for each setting, in the order of the class, in its own words."""
    rows = ["| in the environment | in the file | default | what it is |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default_factory or field.default is None else f"`{_written(field.default)}`"
        rows.append(f"| `TRADEFLOW_{name.upper()}` | `{name}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def shown(page: Path = PAGE) -> str:
    """The table that stands in the page."""
    return page.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    PAGE.write_text(head + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")
