"""The validator of a message: one pydantic-core schema made from its shape, compiled when first needed.

Input is the tree of either wire form; output is the tree of parsed values, or every finding at once.
"""

import copy
import functools
from collections.abc import Callable
from typing import Any

from pydantic_core import CoreSchema, PydanticKnownError, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from tradeflow.codec import scalars
from tradeflow.codec.shape import ELEMENTS_MAX, EXT_NAME, EXT_VALUE_MAX, INTEGER_DIGITS_MAX, LENGTH_MAX, Node, shape
from tradeflow.codec.wording import findings_of
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Tree
from tradeflow.model.finding import Finding


def validate(mt: MessageType, tree: Any) -> Tree:
    """The parsed values of a tree that satisfies the message; BadInput SCHEMA_INVALID with all findings otherwise."""
    try:
        return compiled(mt).validate_python(tree)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise invalid(mt, findings_of(mt, error)) from None


def partial(mt: MessageType, tree: Any) -> tuple[Tree, list[Finding]]:
    """The parsed values of what is valid in an unfinished tree, and every finding of the schema, what is missing included.

    What stands at a wrong place or does not parse is left out of the values; a list keeps the elements that are left.
    """
    try:
        return compiled(mt).validate_python(tree), []
    except ValidationError as error:
        found = findings_of(mt, error)
        wrong = _places(error)
    left: Any = copy.deepcopy(tree) if isinstance(tree, dict) else {}
    while True:
        for place in sorted(wrong, key=lambda one: [str(step).rjust(8, "0") for step in one], reverse=True):
            _cut(left, place)
        try:
            return _unfinished(mt).validate_python(left), found
        except ValidationError as error:
            wrong = _places(error)


def _places(error: ValidationError) -> list[tuple[str | int, ...]]:
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    return [tuple(step for step in one["loc"] if step != "[key]") for one in errors if one["type"] != "missing"]


def _cut(node: Any, place: tuple[str | int, ...]) -> None:
    """Take out what stands at a place."""
    for step in place[:-1]:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return  # what is above it is gone already
    if place and isinstance(node, dict):
        node.pop(place[-1], None)
    elif place and isinstance(node, list) and isinstance(place[-1], int) and place[-1] < len(node):
        del node[place[-1]]
    elif not place and isinstance(node, dict):
        node.clear()


@functools.cache
def _unfinished(mt: MessageType) -> SchemaValidator:
    """A validator that misses nothing."""
    return SchemaValidator(_object(shape(mt).members, ext=True, needs=False))


def invalid(mt: MessageType, findings: list[Finding]) -> BadInput:
    """The refusal that carries all findings of the schema."""
    said = say("The %(name)s does not follow its schema: 1 finding.", name=mt.name.lower())
    if len(findings) != 1:
        said = say("The %(name)s does not follow its schema: %(n)s findings.", name=mt.name.lower(), n=len(findings))
    return BadInput("SCHEMA_INVALID", said, 422, findings=findings)


@functools.cache
def compiled(mt: MessageType) -> SchemaValidator:
    """The validator of one message type."""
    return SchemaValidator(_object(shape(mt).members, ext=True))


@functools.cache
def _object(members: tuple[Node, ...], ext: bool = False, needs: bool = True) -> CoreSchema:
    fields = {member.name: cs.typed_dict_field(_member(member, needs), required=needs and member.required) for member in members}
    if ext:
        name = cs.str_schema(strict=True, pattern=f"^{EXT_NAME}$")
        value = cs.str_schema(strict=True, strip_whitespace=True, min_length=1, max_length=EXT_VALUE_MAX)
        fields["ext"] = cs.typed_dict_field(cs.dict_schema(name, value, min_length=1, max_length=ELEMENTS_MAX), required=False)
    return cs.typed_dict_schema(fields, extra_behavior="forbid", strict=True)


def _member(node: Node, needs: bool = True) -> CoreSchema:
    one = _scalar(node) if node.scalar else _object(node.members, needs=needs)
    return cs.list_schema(one, min_length=1 if needs else 0, max_length=ELEMENTS_MAX, strict=True) if node.repeats else one


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
    return cs.no_info_after_validator_function(_known(tuple(codes)), text) if codes else text


@functools.cache
def _known(codes: tuple[str, ...]) -> Callable[[str], str]:
    """One of these codes. The validators of all messages share it: a table of countries in each field of each message took 60 MB."""
    known = frozenset(codes)

    def one_of(text: str) -> str:
        if text not in known:
            raise PydanticKnownError("literal_error", {"expected": "a code of the list"})
        return text

    return one_of
