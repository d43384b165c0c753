"""What there is to send: message types and code lists."""

from typing import Literal

from msgspec import Struct


class MessageLine(Struct):
    """A message type in the list."""

    type: str
    name: str
    category: str
    processes: list[int]
    from_roles: list[str]
    to_roles: list[str]
    links: dict[str, str]


class Catalogue(Struct):
    """All message types."""

    items: list[MessageLine]


class FieldView(Struct, omit_defaults=True):
    """One field: `path` with `[]` after a list, `of` the type of an object or element."""

    path: str
    name: str
    type: str
    required: bool
    of: str = ""
    codelist: str = ""
    rule: str = ""


class RuleView(Struct):
    """One rule that every message of the type is held against."""

    id: str
    severity: Literal["error", "warning", "info", "conflict"]
    text: str
    hint: str
    source: str


class UseView(Struct):
    """One transition that a message of the type fires."""

    process: str
    region: str
    state: list[str]
    to: str
    by: list[str]
    function: list[str]


class MessageView(Struct):
    """Everything about a message type."""

    type: str
    name: str
    schema_version: str
    known_as: str
    category: str
    processes: list[int]
    from_roles: list[str]
    to_roles: list[str]
    action: str
    legal: str
    replies: list[str]
    notes: str
    standards: dict[str, str]
    fields: list[FieldView]
    rules: list[RuleView]
    uses: list[UseView]
    samples: list[str]
    links: dict[str, str]


class CodeView(Struct, omit_defaults=True):
    """One code; a meaning where the code does not speak for itself."""

    code: str
    meaning: str = ""


class Codes(Struct, omit_defaults=True):
    """A code list: closed if it has codes, else `pattern` decides."""

    name: str
    source: str
    pattern: str = ""
    codes: list[CodeView] = []


class RightView(Struct):
    """In one of these states these roles may send one of these messages, with one of these functions, or report this event."""

    transition: str
    region: str
    states: list[str]
    messages: list[str]
    event: str
    functions: list[str]
    by: list[str]
    to: str
    conditions: list[str]


class Rights(Struct):
    """Rows of the process tables; `tables` is the hash of all of them, which trades are pinned to."""

    tables: str
    items: list[RightView]
