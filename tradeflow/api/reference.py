"""The API reference page: the OpenAPI description made readable, without a script."""

import json
from http import HTTPStatus
from typing import Any

from markupsafe import Markup, escape

Json = dict[str, Any]
JSON = "application/json"
LINE_MAX = 100


def reference(described: Json) -> Json:
    """What the page shows, from the description."""
    operations = [(path, method, op) for path, ops in described["paths"].items() for method, op in ops.items()]
    responses = described["components"]["responses"]
    return {
        "description": described["info"]["description"],
        "tags": [
            {
                "name": tag["name"],
                "text": tag["description"],
                "operations": [_operation(path, method, op) for path, method, op in operations if tag["name"] in op["tags"]],
            }
            for tag in described["tags"]
        ],
        "problem": type_of({"$ref": "#/components/schemas/Problem"}),
        "refusals": [_refusal(status, responses) for status in _statuses(operations)],
        "shapes": [_shape(name, schema) for name, schema in described["components"]["schemas"].items()],
    }


def type_of(schema: Json) -> Markup:
    """A schema in a few words, with links to the shapes it names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return Markup(", ").join(_code(value) for value in schema["enum"][:8]) + (" …" if len(schema["enum"]) > 8 else "")
    if "const" in schema:
        return _code(schema["const"])
    if schema.get("type") == "array":
        return Markup("list of ") + type_of(schema.get("items", {}))
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        return Markup("object of ") + type_of(more)
    bounds = [
        f"{word} {schema[key]:,}" for key, word in (("minimum", "from"), ("maximum", "to"), ("default", "default")) if _number(schema, key)
    ]
    return escape(" ".join([str(schema.get("format") or schema.get("type") or "anything"), *bounds]))


def _operation(path: str, method: str, op: Json) -> Json:
    status = next(code for code in op["responses"] if code[0] in "23")
    success = op["responses"][status]
    return {
        "path": path,
        "method": method,
        "id": op["operationId"],
        "summary": op["summary"],
        "text": op["description"],
        "public": op.get("security") == [],
        "parameters": [_parameter(one) for one in op.get("parameters", ())],
        "body": _content(op["requestBody"]["content"]) if "requestBody" in op else None,
        "curl": _curl(path, method, op),
        "status": f"{status} {HTTPStatus(int(status)).phrase}",
        "answer": _content(success.get("content", {})),
        "refusals": [code for code in op["responses"] if code.isdecimal() and int(code) >= 400],
    }


def _parameter(one: Json) -> Json:
    kind = type_of(one["schema"]) + (f" in {one['in']}" if one["in"] == "header" else "")
    return {"name": one["name"], "required": one["required"], "type": kind, "text": one["description"]}


def _content(content: Json) -> Json:
    kinds = [
        type_of(body["schema"]) if body.get("schema") and "$ref" in body["schema"] else _code(media) for media, body in content.items()
    ]
    examples = [_example(one, media) for media, body in content.items() for one in body.get("examples", {}).values()]
    return {"type": Markup(" or ").join(kinds), "examples": examples}


def _example(one: Json, media_type: str = JSON) -> Json:
    value = one["value"]
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return {"summary": one["summary"], "media_type": media_type, "text": text}


def _curl(path: str, method: str, op: Json) -> str:
    parts = [f"curl -X {method.upper()}" if method not in ("get", "post") else "curl"]
    if op.get("security") != []:
        parts.append('-H "Authorization: Bearer $KEY"')
    if content := op.get("requestBody", {}).get("content"):
        parts.append(f'-H "Content-Type: {JSON}"')
        small = op["operationId"] != "lodgeMessage" and next(iter(content[JSON].get("examples", {}).values()), None)
        parts.append(f"-d '{json.dumps(small['value'], ensure_ascii=False)}'" if small else "--data-binary @message.json")
    elif method == "post":
        parts.append("-X POST")
    parts.append(f'"$HUB{path}"')
    return (" " if len(" ".join(parts)) < LINE_MAX else " \\\n  ").join(parts)


def _statuses(operations: list[tuple[str, str, Json]]) -> list[tuple[str, str]]:
    found = {(code, body["$ref"]) for _, _, op in operations for code, body in op["responses"].items() if "$ref" in body}
    return sorted(found)


def _refusal(status: tuple[str, str], responses: Json) -> Json:
    code, reference_ = status
    body = responses[reference_.rpartition("/")[2]]
    (content,) = body["content"].values()
    return {"status": code, "text": body["description"], "examples": [_example(one) for one in content.get("examples", {}).values()]}


def _shape(name: str, schema: Json) -> Json:
    required = schema.get("required", ())
    rows = [
        {"name": member, "required": member in required, "type": type_of(body), "text": _text(body)}
        for member, body in schema.get("properties", {}).items()
    ]
    return {"name": name, "text": schema.get("description", ""), "rows": rows, "type": "" if rows else type_of(schema)}


def _text(schema: Json) -> str:
    said = schema.get("description") or next((one["description"] for one in schema.get("anyOf", ()) if "description" in one), "")
    pattern = schema.get("pattern", "").replace(r"$(?!\n)", "$")
    return f"{said} `{pattern}`" if pattern else str(said)


def _number(schema: Json, key: str) -> bool:
    return isinstance(schema.get(key), int) and not isinstance(schema.get(key), bool)


def _code(value: object) -> Markup:
    return Markup("<code>{}</code>").format(value)
