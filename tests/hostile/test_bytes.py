"""Bytes nobody should send: each gets its refusal with the right code, within a second, in bounded memory."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import budget
from tests.messages import body
from tests.purchase_order import purchase_order
from tests.refusal import refused
from tradeflow.codec import canonical, intake, xml

J, X = "application/json", "application/xml"
JSON = body(purchase_order(2))
XML = xml.write(canonical.document("purchase_order", purchase_order(2)), pretty=False)
NAMESPACE = b'xmlns="urn:tradeflow:message:1.0"'
STATUS = {"MALFORMED": 400, "UNKNOWN_MESSAGE": 400, "SCHEMA_INVALID": 422, "TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415}
MEGABYTES_MAX = 96

Make = Callable[[], bytes]


def with_member(text: bytes) -> Make:
    """A purchase order with one more member."""
    return lambda: JSON[:-1] + b"," + text + b"}"


def with_element(text: bytes) -> Make:
    """A purchase order with one more element at its end."""
    return lambda: XML.replace(b"</purchase_order>", text + b"</purchase_order>")


def with_prolog(text: bytes) -> Make:
    """A purchase order with something between declaration and root."""
    return lambda: XML.replace(b"<purchase_order ", text + b"<purchase_order ", 1)


def swapped(old: bytes, new: bytes, source: bytes = JSON) -> Make:
    assert old in source
    return lambda: source.replace(old, new, 1)


def lines_of_nonsense() -> bytes:
    line = re.search(rb"<line>.*?</line>", XML, re.DOTALL)
    assert line
    bad = line[0].replace(b"090210", b"?").replace(b">CN<", b">?<").replace(b"KGM", b"?").replace(b"USD", b"?")
    return XML.replace(line[0], bad * 2000, 1)


TOO_LARGE: dict[str, tuple[Make, str]] = {
    "20 MB of JSON": (lambda: JSON[:-1] + b" " * 20_000_000 + b"}", J),
    "20 MB of XML": (lambda: XML + b" " * 20_000_000, X),
    "20 MB of zeros": (lambda: bytes(20_000_000), J),
    "one byte too many": (lambda: JSON + b" " * (5_000_001 - len(JSON)), J),
}

NOT_JSON: dict[str, tuple[Make, str]] = {
    "nothing": (lambda: b"", J),
    "white space": (lambda: b" \n\t" * 1000, J),
    "a zero byte": (lambda: b"\x00", J),
    "zero bytes within": (swapped(b"PO-4471", b"PO\x00"), J),
    "raw control character": (swapped(b"PO-4471", b"PO\x1b[31m"), J),
    "raw line feed in a text": (swapped(b"PO-4471", b"PO\n4471"), J),
    "truncated in a text": (lambda: JSON[:1000], J),
    "truncated before the end": (lambda: JSON[:-1], J),
    "latin-1": (lambda: JSON.replace(b"KADE", "KADÉ".encode("latin-1")), J),
    "UTF-16 with mark": (lambda: JSON.decode().encode("utf-16"), J),
    "UTF-16 without mark": (lambda: JSON.decode().encode("utf-16-le"), J),
    "UTF-32": (lambda: JSON.decode().encode("utf-32"), J),
    "overlong UTF-8": (swapped(b"PO-4471", b"PO\xc0\xaf4471"), J),
    "surrogate in UTF-8": (swapped(b"PO-4471", b"PO\xed\xa0\x80"), J),
    "UTF-8 cut off": (swapped(b"PO-4471", b"PO\xe6\xb8"), J),
    "beyond Unicode": (swapped(b"PO-4471", b"PO\xf4\x90\x80\x80"), J),
    "two marks": (lambda: b"\xef\xbb\xbf" * 2 + JSON, J),
    "gzip": (lambda: b"\x1f\x8b\x08\x00" + bytes(100), J),
    "PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", J),
    "XML sent as JSON": (lambda: XML, J),
    "duplicate member at the top": (with_member(b'"currency": "EUR"'), J),
    "duplicate envelope": (lambda: b'{"message": {},' + JSON[1:], J),
    "duplicate by escape": (with_member(rb'"c\u0075rrency": "EUR"'), J),
    "duplicate deep down": (swapped(b'"unlocode":"HKHKG"', b'"unlocode":"HKHKG","unlocode":"CNSHA"'), J),
    "100,000 duplicates": (lambda: b'{"a":[' + b",".join([b'{"a":1,"a":2}'] * 24_000) + b"]}", J),
    "NaN": (with_member(b'"quantity_tolerance2": NaN'), J),
    "Infinity": (with_member(b'"quantity_tolerance2": Infinity'), J),
    "minus Infinity": (with_member(b'"quantity_tolerance2": -Infinity'), J),
    "trailing comma": (lambda: JSON[:-1] + b",}", J),
    "comment": (lambda: b"/* order */" + JSON, J),
    "single quotes": (lambda: JSON.replace(b'"', b"'"), J),
    "unquoted name": (with_member(b"a: 1"), J),
    "hexadecimal": (with_member(b'"a": 0x10'), J),
    "leading zero": (with_member(b'"a": 010'), J),
    "leading plus": (with_member(b'"a": +1'), J),
    "bare point": (with_member(b'"a": 1.'), J),
    "True": (with_member(b'"a": True'), J),
    "bad escape": (with_member(rb'"a": "\x41"'), J),
    "short escape": (with_member(rb'"a": "\u12"'), J),
    "something after": (lambda: JSON + b"x", J),
    "two documents": (lambda: JSON + b"\n" + JSON, J),
    "a list": (lambda: b"[" + JSON + b"]", J),
    "a text": (lambda: b'"purchase_order"', J),
    "a number": (lambda: b"1", J),
    "null": (lambda: b"null", J),
    "depth 65": (with_member(b'"a": ' + b"[" * 65 + b"]" * 65), J),
    "depth 10,000": (with_member(b'"a": ' + b"[" * 10_000 + b"]" * 10_000), J),
    "depth 100,000": (with_member(b'"a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000), J),
    "depth 2,000,000, open": (lambda: b"[" * 2_000_000, J),
    "brackets closed in texts": (with_member(b'"a": ' + b'["]]",' * 70 + b"1" + b"]" * 70), J),
    "5 MB of lists": (lambda: b'{"a":[' + b"[]," * 1_600_000 + b"[]]}", J),
    "5 MB of numbers": (lambda: b'{"a":[' + b"1," * 2_400_000 + b"1]}", J),
    "5 MB of backslashes": (lambda: b'{"a":"' + b"\\\\" * 2_400_000, J),
    "5 MB of quotes": (lambda: b"{" + b'"' * 4_900_000, J),
    "5 MB of commas in texts, open": (lambda: b'{"a":"' + b'",","' * 980_000, J),
}

NOT_THE_SCHEMA_JSON: dict[str, tuple[Make, str]] = {
    "1e999999": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":1e999999'), J),
    "1e99999999999999999999": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":1e99999999999999999999'), J),
    "0e999999999": (swapped(b'"version":1', b'"version":0e999999999'), J),
    "1e-999999999": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":1e-999999999'), J),
    "a million digits": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":' + b"9" * 1_000_000), J),
    "a million digits after the point": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":0.' + b"9" * 1_000_000), J),
    "a million digits as text": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":"' + b"9" * 1_000_000 + b'"'), J),
    "a million digits for an integer": (swapped(b'"version":1', b'"version":' + b"9" * 1_000_000), J),
    "2 ** 64": (swapped(b'"version":1', b'"version":18446744073709551616'), J),
    "a float for an integer": (swapped(b'"version":1', b'"version":1.0'), J),
    "true for an integer": (swapped(b'"version":1', b'"version":true'), J),
    "NaN as text": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":"NaN"'), J),
    "Infinity as text": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":"-Infinity"'), J),
    "underscores in a number": (swapped(b'"quantity_tolerance":"5"', b'"quantity_tolerance":"1_000"'), J),
    "Arabic digits": (swapped(b'"quantity_tolerance":"5"', '"quantity_tolerance":"٥"'.encode()), J),
    "full-width digits in a date": (swapped(b'"2025-02-28"', '"２０２５-02-28"'.encode()), J),
    "week date": (swapped(b'"2025-02-28"', b'"2025-W09-5"'), J),
    "timestamp for a date": (swapped(b'"2025-02-28"', b'"1740700800"'), J),
    "30 February": (swapped(b'"2025-02-28"', b'"2025-02-30"'), J),
    "leap second": (swapped(b"T09:30:00", b"T23:59:60"), J),
    "escaped NUL": (swapped(b"PO-4471", rb"PO\u0000"), J),
    "escaped carriage return": (swapped(b"PO-4471", rb"PO\r4471"), J),
    "lone surrogate": (swapped(b"PO-4471", rb"PO\ud83d"), J),
    "reversed surrogates": (swapped(b"PO-4471", rb"PO\ude00\ud83d"), J),
    "U+FFFE": (swapped(b"PO-4471", "PO\ufffe".encode()), J),
    "surrogate as a name": (with_member(rb'"\ud800": 1'), J),
    "null for a value": (with_member(b'"packing": null'), J),
    "depth 60": (with_member(b'"a": ' + b"[" * 60 + b"]" * 60), J),
    "30,000 unknown members": (with_member(b",".join(b'"k%d":1' % n for n in range(30_000))), J),
    "a name of 4 MB": (with_member(b'"' + b"k" * 4_000_000 + b'": 1'), J),
    "a text of 4 MB": (with_member(b'"packing": "' + b"x" * 4_000_000 + b'"'), J),
    "10,001 elements": (with_member(b'"charges": [' + b",".join([b"{}"] * 10_001) + b"]"), J),
    "__proto__": (with_member(b'"__proto__": {"admin": true}'), J),
    "ext with a structure": (with_member(b'"ext": {"a": {"b": 1}}'), J),
    "ext with an odd name": (with_member(b'"ext": {"a b": "x"}'), J),
}

UNKNOWN: dict[str, tuple[Make, str]] = {
    "an empty object": (lambda: b"{}", J),
    "no type": (swapped(b'"type":"purchase_order"', b'"typ":"purchase_order"'), J),
    "an unknown type": (swapped(b'"type":"purchase_order"', b'"type":"purchase_ordr"'), J),
    "a path as type": (swapped(b'"type":"purchase_order"', b'"type":"../../etc/passwd"'), J),
    "a type of 4 MB": (swapped(b'"type":"purchase_order"', b'"type":"' + b"a" * 4_000_000 + b'"'), J),
    "a type with a NUL": (swapped(b'"type":"purchase_order"', rb'"type":"purchase_order\u0000"'), J),
    "an envelope that is a list": (lambda: b'{"message": [1, 2, 3]}', J),
    "no namespace": (lambda: b"<purchase_order/>", X),
    "a foreign namespace": (lambda: b'<purchase_order xmlns="urn:other"/>', X),
    "an unknown root": (lambda: b"<html " + NAMESPACE + b"/>", X),
    "a shared folder as root": (lambda: b"<_common " + NAMESPACE + b"/>", X),
}

ENTITIES = (
    b'<!DOCTYPE p [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9))
    + b"]>"
)
NOT_XML: dict[str, tuple[Make, str]] = {
    "no XML": (lambda: b"", X),
    "JSON sent as XML": (lambda: JSON, X),
    "plain text": (lambda: b"purchase order", X),
    "truncated": (lambda: XML[: len(XML) // 2], X),
    "truncated in a tag": (lambda: XML[:-5], X),
    "text after the root": (lambda: XML + b"x", X),
    "two roots": (lambda: XML + XML[XML.index(b"<purchase_order") :], X),
    "wrong end tag": (lambda: XML.replace(b"</currency>", b"</currenci>"), X),
    "DOCTYPE": (with_prolog(b"<!DOCTYPE purchase_order>"), X),
    "external DOCTYPE": (with_prolog(b'<!DOCTYPE purchase_order SYSTEM "http://127.0.0.1:9/x.dtd">'), X),
    "public DOCTYPE": (with_prolog(b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/x.dtd">'), X),
    "external file entity": (with_prolog(b'<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), X),
    "parameter entity": (with_prolog(b'<!DOCTYPE p [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>'), X),
    "internal entity": (with_prolog(b'<!DOCTYPE p [<!ENTITY x "y">]>'), X),
    "billion laughs": (with_prolog(ENTITIES), X),
    "quadratic entity": (with_prolog(b'<!DOCTYPE p [<!ENTITY x "' + b"x" * 100_000 + b'">]>'), X),
    "attribute default": (with_prolog(b'<!DOCTYPE p [<!ATTLIST purchase_order x CDATA "y">]>'), X),
    "DOCTYPE in UTF-16": (
        lambda: with_prolog(b"<!DOCTYPE p>")().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        X,
    ),
    "DOCTYPE after 4 MB of comments": (with_prolog(b"<!--" + b"x" * 4_000_000 + b"--><!DOCTYPE p>"), X),
    "undeclared entity": (swapped(b"PO-4471", b"&nbsp;", XML), X),
    "NUL by number": (swapped(b"PO-4471", b"PO&#0;", XML), X),
    "surrogate by number": (swapped(b"PO-4471", b"PO&#xD800;", XML), X),
    "raw control character in XML": (swapped(b"PO-4471", b"PO\x01", XML), X),
    "not UTF-8": (swapped(b"PO-4471", b"PO\xff", XML), X),
    "UTF-7": (lambda: XML.replace(b"UTF-8", b"UTF-7"), X),
    "UTF-32 declared": (lambda: XML.replace(b"UTF-8", b"UTF-32"), X),
    "UTF-32 in XML": (lambda: XML.decode().replace("UTF-8", "UTF-32").encode("utf-32"), X),
    "windows-1252": (lambda: XML.replace(b"UTF-8", b"windows-1252"), X),
    "EBCDIC": (lambda: XML.decode().replace("UTF-8", "cp037").encode("cp037"), X),
    "EBCDIC declared only": (lambda: XML.replace(b"UTF-8", b"cp037"), X),
    "unheard-of encoding": (lambda: XML.replace(b"UTF-8", b"klingon"), X),
    "UTF-16 declared, UTF-8 sent": (lambda: XML.replace(b"UTF-8", b"UTF-16"), X),
    "XML 1.1": (lambda: XML.replace(b'version="1.0"', b'version="1.1"', 1), X),
    "XML 2.0": (lambda: XML.replace(b'version="1.0"', b'version="2.0"', 1), X),
    "a declaration further down": (lambda: b"\n" + XML, X),
    "attribute twice": (swapped(b"<currency>", b'<currency a="1" a="2">', XML), X),
    "attribute twice by namespace": (swapped(b"<currency>", b'<currency xmlns:p="u" xmlns:q="u" p:a="1" q:a="2">', XML), X),
    "unbound prefix": (with_element(b"<p:x/>"), X),
    "101 attributes": (with_element(b"<x" + b"".join(b' a%d=""' % n for n in range(101)) + b"/>"), X),
    "200,000 attributes": (with_element(b"<x" + b"".join(b' a%d=""' % n for n in range(200_000)) + b"/>"), X),
    "200,000 namespaces": (with_element(b"<x" + b"".join(b' xmlns:a%d="u"' % n for n in range(200_000)) + b"/>"), X),
    "xsi:type": (
        swapped(b"<currency>", b'<currency xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="text">', XML),
        X,
    ),
    "xsi:nil": (swapped(b"<currency>", b'<currency xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true">', XML), X),
    "xsi:nil by reference": (
        swapped(b"<currency>", b'<currency xmlns:i="http://www.w3.org/2001/XMLSchema&#45;instance" i:nil="1">', XML),
        X,
    ),
    "depth 65 in XML": (with_element(b"<a>" * 65 + b"</a>" * 65), X),
    "depth 10,000 in XML": (with_element(b"<a>" * 10_000 + b"</a>" * 10_000), X),
    "depth 700,000 in XML, open": (with_element(b"<a>" * 700_000), X),
    "120,000 elements": (with_element(b"<a/>" * 120_000), X),
    "4.9 MB of elements": (with_element(b"<a/>" * 1_200_000), X),
}

NOT_THE_SCHEMA_XML: dict[str, tuple[Make, str]] = {
    "nothing but a root": (lambda: b"<purchase_order " + NAMESPACE + b"/>", X),
    "90,000 strange elements": (with_element(b"<a/>" * 90_000), X),
    "90,000 known elements": (with_element(b"<currency/>" * 90_000), X),
    "2,000 lines of nonsense": (lines_of_nonsense, X),
    "100 attributes": (with_element(b"<x" + b"".join(b' a%d=""' % n for n in range(99)) + b"/>"), X),
    "an attribute": (swapped(b"<currency>", b'<currency a="1">', XML), X),
    "a text of 4 MB in XML": (swapped(b"PO-4471", b"x" * 4_000_000, XML), X),
    "a million digits in XML": (swapped(b"<quantity_tolerance>5", b"<quantity_tolerance>" + b"9" * 1_000_000, XML), X),
    "a million digits for an integer in XML": (swapped(b"<version>1<", b"<version>" + b"9" * 1_000_000 + b"<", XML), X),
    "1e999999 in XML": (swapped(b"<quantity_tolerance>5", b"<quantity_tolerance>1e999999", XML), X),
    "a name of 4 MB in XML": (with_element(b"<" + b"k" * 40_000 + b"/>"), X),
    "carriage return by number": (swapped(b"PO-4471", b"PO&#13;4471", XML), X),
    "XInclude": (
        with_element(b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
        X,
    ),
    "a schema location that must not be fetched": (
        lambda: XML.replace(
            NAMESPACE,
            NAMESPACE + b' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"',
        ).replace(b"<currency>USD", b"<currency>US"),
        X,
    ),
    "10,001 references": (
        swapped(b"<buyer>", b"<related_document><type>licence</type><number>1</number></related_document>" * 10_001 + b"<buyer>", XML),
        X,
    ),
    "a foreign signature": (with_element(b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'), X),
    "xml:base": (swapped(b"<currency>", b'<currency xml:base="file:///etc/">', XML), X),
}

CASES = {
    (code, name): case
    for code, cases in (
        ("TOO_LARGE", TOO_LARGE),
        ("MALFORMED", NOT_JSON),
        ("MALFORMED", NOT_XML),
        ("SCHEMA_INVALID", NOT_THE_SCHEMA_JSON),
        ("SCHEMA_INVALID", NOT_THE_SCHEMA_XML),
        ("UNKNOWN_MESSAGE", UNKNOWN),
    )
    for name, case in cases.items()
}


def peak_megabytes(reset: bool = False) -> float:
    """The peak resident memory of this process since it was last reset; 0 where the system does not tell."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        return int(re.findall(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024
    except OSError:
        return 0.0


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    assert intake.read(JSON, J) == intake.read(XML, X)


@pytest.mark.parametrize(("code", "name"), CASES)
def test_hostile_bytes_are_refused(code: str, name: str) -> None:
    make, content_type = CASES[code, name]
    sent = make()
    before = peak_megabytes(reset=True)
    problem = budget.a_second(lambda: refused(intake.read, sent, content_type))
    megabytes = peak_megabytes() - before
    assert (problem.code, problem.status) == (code, STATUS[code]), problem
    assert problem.findings
    assert all(found.message and len(found.message) < 1000 and len(found.pointer) < 1000 for found in problem.findings)
    assert megabytes < MEGABYTES_MAX


def test_there_is_no_shortage_of_hostility() -> None:
    assert len(CASES) > 150
