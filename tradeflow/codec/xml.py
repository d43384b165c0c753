"""XML: hostile bytes to a tree and documents back to XML. The only place that parses with lxml.

In this order: expat refuses what must not be built, a hardened lxml parser builds, the published schema validates, then it is bound.
"""

import functools
import threading
from collections.abc import Iterable
from itertools import islice
from typing import Any, cast

from lxml import etree

from tradeflow.codec import canonical, xml_bind, xml_explain
from tradeflow.codec.malformed import malformed
from tradeflow.codec.schema_xsd import xsd
from tradeflow.codec.shape import NAMESPACE
from tradeflow.codec.validator import invalid, validate
from tradeflow.codec.wording import FINDINGS_MAX, escaped, finding
from tradeflow.codec.xml_scan import scan
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document, Tree

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
DEPTH_MAX = 64
_too_deep = etree.XPath(f"boolean({'/*' * (DEPTH_MAX + 1)})")
_validating = threading.Lock()  # the error log of a schema belongs to the schema, not to the call


def parse(body: bytes, mt: MessageType) -> Tree:
    """The tree of an XML message in the shape of its JSON form; BadInput MALFORMED or SCHEMA_INVALID with all findings."""
    return bind(root(body), mt)


def write(document: Document, pretty: bool = True) -> bytes:
    """The XML of a document, valid against its schema: one element per line, or compact without any white space."""
    lines = xml_bind.lines(catalogue().message(document.type), document.data)
    text = "\n".join([_DECLARATION, *lines, ""]) if pretty else _DECLARATION + "".join(line.lstrip(" ") for line in lines)
    return text.encode()


def root(body: bytes) -> Any:
    """The root element of well-formed, harmless XML; comments and processing instructions are dropped. BadInput MALFORMED otherwise."""
    scan(body)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        element = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise malformed(f"Not well-formed XML: {error.msg}", line=error.lineno or 1, column=max(error.offset or 1, 1)) from None
    if element.getroottree().docinfo.internalDTD is not None:
        raise malformed("A document type declaration (DOCTYPE) is never accepted")
    if _too_deep(element):
        raise malformed(f"Nested deeper than {DEPTH_MAX} levels")
    return element


def bind(element: Any, mt: MessageType) -> Tree:
    """The tree of a root element that is valid against the schema of the message; BadInput SCHEMA_INVALID with all findings otherwise."""
    with _validating:
        schema = compiled(mt)
        valid, log = schema.validate(element), cast("Iterable[Any]", schema.error_log)
        said = [] if valid else [(entry.line, entry.message) for entry in islice(log, FINDINGS_MAX)]
    if valid:
        return xml_bind.read(element, xml_bind.plan(mt))
    tree, findings = xml_explain.explain(element, mt)
    try:
        validate(mt, canonical.clean(mt, tree))
    except BadInput as refusal:
        findings += refusal.findings
    if not findings:
        findings = [finding("", escaped(f"{message.replace(f'{{{NAMESPACE}}}', '')[:300]} (line {line})")) for line, message in said]
    raise invalid(mt, findings[:FINDINGS_MAX])


@functools.cache
def compiled(mt: MessageType) -> etree.XMLSchema:
    """The schema of a message, ready to validate; made once."""
    return etree.XMLSchema(etree.fromstring(xsd(mt)))
