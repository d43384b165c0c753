"""Whatever bytes come in, the door answers with a document or a refusal, never with anything else."""

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.messages import body, message
from tests.purchase_order import purchase_order
from tradeflow.codec import canonical, intake, xml
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document

TYPES = ["application/json", "application/xml"]
SMALL = [body(purchase_order(1)), xml.write(canonical.document("purchase_order", purchase_order(1)))]
TOKENS = [
    *(bytes([byte]) for byte in b"\"\\{}[],:<>&;/='-+.eE09 \n\r\t\x00\x1f\x7f\x80\xc0\xe2\xed\xf4\xff"),
    *(b"null", b"true", b"NaN", b"1e9999", b"\\u0000", b"\\ud800", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbf\xbf"),
    *(b"<!DOCTYPE x>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x", b"?>", b"&#13;", b"&#0;", b"&lt;", b"&x;", b' xmlns="x"', b"<line>"),
]
FUZZ = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def door(sent: bytes, content_type: str) -> Document | None:
    """The document, or None after a refusal that holds at least one finding."""
    try:
        return intake.read(sent, content_type)
    except BadInput as problem:
        refusal = problem
    assert refusal.findings and refusal.status in (400, 413, 415, 422)
    assert all(found.message.isprintable() and found.pointer.isprintable() for found in refusal.findings)
    return None


@FUZZ
@given(st.binary(max_size=300), st.sampled_from(TYPES))
def test_random_bytes(sent: bytes, content_type: str) -> None:
    assert door(sent, content_type) is None


@FUZZ
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join), st.sampled_from(TYPES))
@example(b"<?x", "application/xml")
def test_random_tokens(sent: bytes, content_type: str) -> None:
    assert door(sent, content_type) is None


@FUZZ
@given(st.text(max_size=80))
def test_random_content_types(content_type: str) -> None:
    door(SMALL[0], content_type)


@pytest.mark.parametrize("form", [0, 1], ids=["json", "xml"])
@FUZZ
@given(seed=st.integers(0, 2**64))
def test_a_mutated_order_is_a_document_or_refused(form: int, seed: int) -> None:
    source, sent = random.Random(seed), bytearray(SMALL[form])
    for _ in range(source.choice((1, 1, 1, 2, 5, 20))):
        start = source.randrange(len(sent) + 1)
        end = min(len(sent), start + source.choice((0, 0, 1, 1, 2, 8, 100)))
        copied = source.randrange(len(sent) + 1)
        sent[start:end] = source.choice((b"", source.choice(TOKENS), source.randbytes(3), sent[copied : copied + 60]))
    document = door(bytes(sent), TYPES[form])
    if document:  # then it is one that both forms can carry
        assert intake.read(xml.write(document), "application/xml") == document


@settings(max_examples=300, deadline=None)
@given(type_=st.sampled_from(catalogue().ids()), seed=st.integers(0, 2**64))
def test_a_message_with_one_value_swapped_is_a_document_or_refused(type_: str, seed: int) -> None:
    source = random.Random(seed)
    tree = message(catalogue().message(type_), source)
    owners = [node for node in walk(tree) if node]
    odd = source.choice(
        (None, True, 0, -1.5, 1e300, 2**63, "", " ", "\x00", "x" * 501, [], {}, [[]], [None], {"a": []}, "\ufffe", "9" * 19)
    )
    for owner in source.sample(owners, min(2, len(owners))):
        owner[source.choice(list(owner) if isinstance(owner, dict) else range(len(owner)))] = odd
    document = door(body(tree), "application/json")
    if document:
        assert intake.read(xml.write(document), "application/xml") == document


def walk(node: object) -> list[dict[str, object] | list[object]]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in walk(value))]
    if isinstance(node, list):
        return [node, *(found for value in node for found in walk(value))]
    return []
