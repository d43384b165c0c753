"""The validator of a message: one pydantic-core schema made from its shape, compiled when first needed.

Input is the tree of either wire form; output is the tree of parsed values, or every finding at once.
"""

import functools
from typing import Any

from pydantic_core import CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from tradeflow.codec import scalars
from tradeflow.codec.shape import ELEMENTS_MAX, EXT_NAME, EXT_VALUE_MAX, INTEGER_DIGITS_MAX, LENGTH_MAX, Node, shape
from tradeflow.codec.wording import findings_of
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Tree
from tradeflow.model.finding import Finding


def validate(mt: MessageType, tree: Any) -> Tree:
    """The parsed values of a tree that satisfies the message; BadInput SCHEMA_INVALID with all findings otherwise."""
    try:
        return compiled(mt).validate_python(tree)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise invalid(mt, findings_of(mt, error)) from None


def invalid(mt: MessageType, findings: list[Finding]) -> BadInput:
    """The refusal that carries all findings of the schema."""
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return BadInput("SCHEMA_INVALID", f"The {mt.name.lower()} does not follow its schema: {count}.", 422, findings=findings)


@functools.cache
def compiled(mt: MessageType) -> SchemaValidator:
    """The validator of one message type."""
    return SchemaValidator(_object(shape(mt).members, ext=True))


@functools.cache
def _object(members: tuple[Node, ...], ext: bool = False) -> CoreSchema:
    fields = {member.name: cs.typed_dict_field(_member(member), required=member.required) for member in members}
    if ext:
        name = cs.str_schema(strict=True, pattern=f"^{EXT_NAME}$")
        value = cs.str_schema(strict=True, strip_whitespace=True, min_length=1, max_length=EXT_VALUE_MAX)
        fields["ext"] = cs.typed_dict_field(cs.dict_schema(name, value, min_length=1, max_length=ELEMENTS_MAX), required=False)
    return cs.typed_dict_schema(fields, extra_behavior="forbid", strict=True)


def _member(node: Node) -> CoreSchema:
    one = _scalar(node) if node.scalar else _object(node.members)
    return cs.list_schema(one, min_length=1, max_length=ELEMENTS_MAX, strict=True) if node.repeats else one


def _scalar(node: Node) -> CoreSchema:
    if node.scalar in scalars.PARSED:
        return cs.no_info_plain_validator_function(scalars.PARSED[node.scalar])
    if node.scalar == "boolean":
        return cs.bool_schema(strict=True)
    if node.scalar == "integer":
        limit = 10**INTEGER_DIGITS_MAX
        return cs.int_schema(strict=True, gt=-limit, lt=limit)
    codes = [node.only] if node.only else list(node.codelist.codes) if node.codelist else []
    text = cs.str_schema(
        strict=True,
        strip_whitespace=True,
        min_length=1,
        max_length=LENGTH_MAX[node.scalar],
        pattern=node.codelist.pattern or None if node.codelist and not codes else None,
    )
    return cs.chain_schema([text, cs.literal_schema(codes)]) if codes else text
