"""Publishes what partners build against: the schemas of every message and the code lists, the same bytes every time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tradeflow.codec.schema_json import json_schema
from tradeflow.codec.schema_xsd import xsd
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.catalogue import catalogue as shared_catalogue
from tradeflow.model.codelists import CodeList


def publish(target: Path, catalogue: Catalogue | None = None) -> list[Path]:
    """Write json/, xsd/ and codelists/ below `target` and delete what no longer belongs there; the files written or deleted."""
    wanted = {target / name: content for name, content in files(catalogue or shared_catalogue())}
    stale = [file for folder in ("json", "xsd", "codelists") for file in sorted((target / folder).glob("*")) if file not in wanted]
    for file in stale:
        file.unlink()
    changed = [file for file, content in wanted.items() if not file.exists() or file.read_bytes() != content]
    for file in changed:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wanted[file])
    return stale + changed


def files(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """(relative path, content) of every published file."""
    for mt in map(catalogue.message, catalogue.ids()):
        yield f"json/{mt.id}.schema.json", _text(json_schema(mt))
        yield f"xsd/{mt.id}.xsd", xsd(mt)
    for name, codelist in sorted(catalogue.codelists.items()):
        yield f"codelists/{name}.json", _text(_codes(codelist))


def _codes(codelist: CodeList) -> dict[str, Any]:
    codes = [{"code": code, **({"meaning": meaning} if meaning else {})} for code, meaning in codelist.codes.items()]
    made = {"name": codelist.name, "source": codelist.source, "pattern": codelist.pattern, "codes": codes}
    return {key: value for key, value in made.items() if value}


def _text(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
