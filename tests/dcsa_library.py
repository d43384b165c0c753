"""adapters/dcsa/library.toml from the OpenAPI definitions of DCSA: what stands in which object. `python -m tests.dcsa_library FOLDER`."""

import sys
from pathlib import Path
from typing import Any

import yaml

from tests import library_text

FILE = Path(__file__).parent.parent / "adapters" / "dcsa" / "library.toml"
HEAD = """# DCSA: which member stands in which object, and what it may say; `tradeflow/elements/library.py` explains the signs.
# Facts taken from the OpenAPI definitions of DCSA (Apache-2.0) by `python -m tests.dcsa_library`; a test compares them where those are at hand.
"""
ROOTS = {  # API -> its definition, and the bodies of its requests and answers that are documents
    "BKG": ("BKG_v2.0.5.yaml", ["CreateBooking", "Booking", "BookingNotification"]),
    "EBL": ("EBL_v3.0.4.yaml", ["CreateShippingInstructions", "TransportDocument", "ShippingInstructionsNotification"]),
    "SUR": ("EBL_SUR_v3.0.4.yaml", ["SurrenderRequestDetails", "SurrenderRequestAnswer"]),
    "AN": ("an-v1.0.1-openapi.yaml", ["PostArrivalNoticesRequest"]),
    "VGM": ("vgm-v1.0.1-openapi.yaml", ["PostVGMDeclarationsRequest"]),
}
TRIMMED = r"^\S(?:.*\S)?$"


class Taken:
    """What has been taken from the definitions so far."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def api(self, name: str, schemas: dict[str, Any], roots: list[str]) -> None:
        """The types that the roots of one API need."""
        todo = list(roots)
        while todo:
            kind = todo.pop(0)
            if f"{name}_{kind}" not in self.types:
                self.types[f"{name}_{kind}"] = " ".join(self._words(name, kind, _resolved(schemas[kind], schemas), schemas, todo))

    def _words(self, api: str, kind: str, schema: dict[str, Any], schemas: dict[str, Any], todo: list[str]) -> list[str]:
        properties, needed, choices = dict(schema.get("properties", {})), set(schema.get("required", ())), []
        for how in ("oneOf", "anyOf"):
            ways = [_resolved(way, schemas) for way in schema.get(how, ())]
            for way in ways:
                properties |= way.get("properties", {})
            always = set.intersection(*(set(way.get("required", ())) for way in ways)) if ways else set()
            needed |= always
            if ways:
                own = sorted({name for way in ways for name in way.get("required", ()) if name not in always})
                choices.append(f"{'one' if how == 'oneOf' else 'any'}({'|'.join(own)})")
        words = []
        for name, said in properties.items():
            many = said.get("type") == "array"
            inner = said["items"] if many else said
            sign = ("+" if not many or said.get("minItems") else "?") if name in needed else ""
            limit = f"*{said.get('maxItems', '')}" if many else ""
            words.append(f"{name}{sign}{self._kind(api, kind, name, inner, schemas, todo)}{limit}")
        return words + choices

    def _kind(self, api: str, kind: str, name: str, said: dict[str, Any], schemas: dict[str, Any], todo: list[str]) -> str:
        whole = _resolved(said, schemas)
        if not (whole.keys() & {"properties", "oneOf", "anyOf"}):
            return f"={self._value(whole)}"
        ref = said.get("$ref") or said.get("allOf", [{}])[0].get("$ref")
        called = str(ref).rpartition("/")[2] if ref else f"{kind}{name[0].upper()}{name[1:]}"
        if not ref:
            schemas[called] = whole
        todo.append(called)
        return f":{api}_{called}"

    def _value(self, said: dict[str, Any]) -> str:
        kind = {"string": "date" if said.get("format") == "date" else "string"}.get(said["type"], said["type"])
        facts: dict[str, Any] = {} if kind == "string" else {"kind": kind}
        facts |= {
            ours: said[theirs]
            for ours, theirs in (("max", "maxLength"), ("min", "minLength"), ("least", "minimum"), ("most", "maximum"))
            if theirs in said
        }
        if said.get("exclusiveMinimum") is True:
            facts["above"] = facts.pop("least")
        if pattern := said.get("pattern"):
            facts["pattern"] = pattern
        if words := said.get("enum"):
            facts["words"] = [str(word) for word in words]
        line = library_text.line(facts)
        if line not in self.values:
            named = (
                "_".join(facts["words"])
                if len(facts.get("words", ())) in (1, 2, 3)
                else kind
                if kind != "string"
                else f"text{facts.get('max', '')}"
            )
            if facts.get("pattern") == TRIMMED:
                named += "t"
            named = "".join(sign if sign.isalnum() or sign == "_" else "_" for sign in named)
            used = set(self.values.values())
            self.values[line] = next(one for one in (named, *(f"{named}_{n}" for n in range(2, 99))) if one not in used)
        return self.values[line]


def _resolved(said: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in said:
        return _resolved(schemas[said["$ref"].rpartition("/")[2]], schemas)
    if "allOf" in said:
        parts = [_resolved(part, schemas) for part in said["allOf"]]
        merged = {name: value for part in parts for name, value in part.items()} | {k: v for k, v in said.items() if k != "allOf"}
        merged["properties"] = {name: value for part in parts for name, value in part.get("properties", {}).items()}
        merged["required"] = [name for part in parts for name in part.get("required", ())]
        return merged
    return said


def text(folder: Path) -> str:
    """The file."""
    taken = Taken()
    for api, (file, roots) in ROOTS.items():
        taken.api(api, yaml.load((folder / file).read_text(encoding="utf-8"), yaml.CSafeLoader)["components"]["schemas"], roots)
    return library_text.whole(HEAD, taken.types, taken.values)


if __name__ == "__main__":
    FILE.write_text(text(Path(sys.argv[1])), encoding="utf-8")
