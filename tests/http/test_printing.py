"""A document of a trade as a PDF over HTTP, as its reader may see it, and the code on the paper."""

import asyncio
import hashlib
import json
from io import BytesIO

import pypdf

from tests.http.desk import Desk, order
from tests.http.problems import assert_problem

PDF = {"Accept": "application/pdf"}


async def test_a_document_is_printed_and_its_code_verifies_it(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    number = message["document"]["number"]
    path = f"/v1/trades/{trade_id}/documents/purchase_order/{number}"
    reply = await desk.get(path, "golden-lantern", headers=PDF)
    assert (reply.status, reply.headers["Content-Type"], reply.headers["Vary"]) == (200, "application/pdf", "Accept, Accept-Language")
    found = pypdf.PdfReader(BytesIO(reply.body))
    assert number in found.pages[0].extract_text()
    (embedded,) = found.attachments["document.json"]
    assert embedded == (await desk.get(path, "golden-lantern")).body
    sha256 = hashlib.sha256(embedded).hexdigest()
    assert sha256 in found.pages[0].extract_text()

    verified = (await desk.get(f"/v1/verify/{trade_id}/{sha256}")).json
    assert (verified["type"], verified["number"], verified["version"], verified["current"]) == ("purchase_order", number, 1, True)
    again = await asyncio.gather(*(desk.get(path, "golden-lantern", headers=PDF) for _ in range(3)))
    assert {one.body for one in again} == {reply.body}


async def test_the_paper_is_in_the_language_that_is_asked_for(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    path = f"/v1/trades/{trade_id}/documents/purchase_order/{message['document']['number']}"
    asked = {"": "en", "?language=zh-TW": "zh-Hant", "?language=zh-Hans": "zh-Hans", "?language=zh-Hant&bilingual=true": "zh-Hant"}
    for query, language in asked.items():
        reply = await desk.get(path + query, "golden-lantern", headers=PDF)
        text = "".join("".join(one.extract_text() for one in pypdf.PdfReader(BytesIO(reply.body)).pages).split())
        assert (reply.status, reply.headers["Content-Language"]) == (200, language)
        found = {"english": "Purchaseorder" in text, "traditional": "採購訂單" in text, "simplified": "采购订单" in text}
        wanted = {"en": {"english"}, "zh-Hant": {"traditional"}, "zh-Hans": {"simplified"}}[language]
        assert {name for name, there in found.items() if there} == wanted | ({"english"} if "bilingual" in query else set())
    liked = await desk.get(path, "golden-lantern", headers={**PDF, "Accept-Language": "fr, en;q=0.3, zh-CN;q=0.8"})
    assert liked.headers["Content-Language"] == "zh-Hans"
    assert_problem(await desk.get(f"{path}?language=tlh", "golden-lantern", headers=PDF), 422, "INVALID_REQUEST", path)


async def test_a_stranger_gets_no_paper_and_a_forged_hash_no_answer(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    path = f"/v1/trades/{trade_id}/documents/purchase_order/{message['document']['number']}"
    assert_problem(await desk.get(path, "stranger", headers=PDF), 404, "UNKNOWN_TRADE", path)
    forged = hashlib.sha256(json.dumps(message).encode()).hexdigest()
    address = f"/v1/verify/{trade_id}/{forged}"
    assert_problem(await desk.get(address), 404, "UNKNOWN_DOCUMENT", address)
    assert (await desk.get(f"/v1/verify/{trade_id}/short")).status == 422
