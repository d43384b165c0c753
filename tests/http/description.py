"""The API description as the hub serves it, and answers held against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator

from tests.http.desk import Reply

Json = dict[str, Any]


NOWHERE = "01943ae2-a700-7c16-81ee-683ef08e1c0e"


@dataclass(frozen=True)
class Operation:
    path: str
    method: str
    described: Json

    @property
    def id(self) -> str:
        return str(self.described["operationId"])

    @property
    def public(self) -> bool:
        return self.described.get("security") == []

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.described

    def address(self, **values: str) -> str:
        return self.path.format(**values)

    @property
    def path_parameters(self) -> dict[str, Json]:
        """The schemas of its path parameters by name."""
        return {p["name"]: p["schema"] for p in self.described.get("parameters", ()) if p["in"] == "path"}

    def anywhere(self, **values: str) -> str:
        """An address of this operation: what is not given is something that is nowhere."""
        nowhere = {name: NOWHERE if schema.get("format") == "uuid" else "0011" for name, schema in self.path_parameters.items()}
        path = self.path.format(**nowhere | {name: value for name, value in values.items() if name in nowhere})
        return f"{path}?wait_seconds=0" if self.streams else path

    @property
    def streams(self) -> bool:
        """Whether its answer goes on until somebody ends it."""
        return "text/event-stream" in str(self.described["responses"].get("200"))


class Description:
    """`document` is /openapi.json."""

    def __init__(self, document: Json) -> None:
        self.document = document

    def operations(self) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            for method, described in methods.items():
                yield Operation(path, method.upper(), described)

    def operation(self, id: str) -> Operation:
        return next(op for op in self.operations() if op.id == id)

    def faults(self, value: Any, schema: Json) -> list[str]:
        """What is wrong with a value by a schema of the description, formats included."""
        whole = {**schema, "components": self.document["components"]}  # where its references lead
        checker = Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
        return [f"{error.json_path}: {error.message[:300]}" for error in checker.iter_errors(value)]

    def response(self, operation: Operation, status: int) -> Json | None:
        """The description of an answer; None where this status is not described by itself."""
        found = operation.described["responses"].get(str(status))
        return self._resolved(found) if found else None

    def disagreements(self, operation: Operation, reply: Reply) -> list[str]:
        """Where an answer is not what the description says."""
        found = self.response(operation, reply.status)
        if found is None:
            return [f"{operation.id} answers {reply.status}, which is not described: {reply.body[:300]!r}"]
        media_type = reply.headers.get("Content-Type", "").partition(";")[0]
        content = found.get("content", {})
        described = {name.partition(";")[0]: body for name, body in content.items()}
        if not content:
            return [] if not reply.body else [f"{operation.id} {reply.status} has a body that is not described"]
        if media_type not in described:
            return [f"{operation.id} {reply.status} is {media_type}, described are {list(described)}"]
        schema = described[media_type].get("schema")
        return [f"{operation.id} {reply.status}{fault}" for fault in self.faults(reply.json, schema)] if schema else []

    def _resolved(self, node: Json) -> Json:
        if "$ref" not in node:
            return node
        found: Any = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)
