"""Files with many documents over HTTP: one by one through the main path, with progress, findings by row, and a report."""

import asyncio
import csv
import io
import re
import uuid
from typing import Any

import openpyxl

from tests.http.desk import Desk, Reply, order
from tradeflow.app.wiring import Hub
from tradeflow.codec import canonical, formats
from tradeflow.model.document import Document

XLSX, CSV, EDI = formats.kinds()["excel"].media_type, "text/csv", "application/edifact"


def numbered(trade: str, number: str) -> Document:
    tree = order(trade)
    tree["document"]["number"] = number
    tree["message"]["id"] = str(uuid.uuid4())
    return canonical.document("purchase_order", tree)


def joined(documents: list[Document]) -> bytes:
    """One CSV file of several documents."""
    rows: list[dict[str, str]] = []
    for document in documents:
        rows += csv.DictReader(io.StringIO(formats.write(document, "csv").body.decode("utf-8-sig")))
    target = io.StringIO(newline="")
    table = csv.DictWriter(target, list(dict.fromkeys(name for row in rows for name in row)))
    table.writeheader()
    table.writerows(rows)
    return target.getvalue().encode("utf-8-sig")


async def posted(desk: Desk, body: bytes, media_type: str = CSV, party: str = "van-der-meer", **more: Any) -> Reply:
    return await desk.call("POST", "/v1/bulk?name=orders.csv", party, body, headers={"Content-Type": media_type, **more})


async def ended(desk: Desk, job: dict[str, Any], party: str = "van-der-meer") -> dict[str, Any]:
    async with asyncio.timeout(60):
        while job["state"] != "done":
            await asyncio.sleep(0.05)
            job = (await desk.get(job["links"]["self"], party)).json
    return job


async def test_a_file_is_lodged_document_by_document_and_a_refused_one_holds_up_no_other(desk: Desk) -> None:
    trades = [await desk.trade() for _ in range(3)]
    documents = [numbered(trade, f"B-{n}-{uuid.uuid4().hex[:6]}") for n, trade in enumerate(trades)]
    lines = joined(documents).decode("utf-8-sig").splitlines()
    second = next(n for n, line in enumerate(lines) if documents[1].number in line)
    lines[second] = lines[second].replace(",CIF,", ",CIFF,", 1)
    body = "\r\n".join(lines).encode("utf-8-sig")
    reply = await posted(desk, body)
    assert reply.status == 202, reply.body
    assert reply.json["total"] == 3
    job = await ended(desk, reply.json)
    assert (job["accepted"], job["refused"], job["done"]) == (2, 1, 3)
    items = (await desk.get(job["links"]["documents"], "van-der-meer")).json["items"]
    assert [item["state"] for item in items] == ["accepted", "refused", "accepted"]
    assert [item["number"] for item in items] == [document.number for document in documents]
    (finding,) = [one for one in items[1]["findings"] if one["pointer"] == "/terms/incoterm"]
    assert finding["cell"].endswith(str(second + 1)) and items[1]["code"] == "SCHEMA_INVALID"
    page = (await desk.get(f"{job['links']['documents']}?limit=1&after=1&state=refused", "van-der-meer")).json
    assert [item["position"] for item in page["items"]] == [2] and page["next"] == 2
    path = f"/v1/trades/{trades[2]}/documents/purchase_order/{documents[2].number}"
    assert (await desk.get(path, "van-der-meer")).body == documents[2].canonical
    report = await desk.get(job["links"]["report"], "van-der-meer")
    table = list(csv.reader(io.StringIO(report.body.decode("utf-8-sig"))))
    assert table[0][-1] == "# Findings" and "CIFF" in table[second][-1] and table[second][-1].startswith("Refused (SCHEMA_INVALID)")
    lines[second] = lines[second].replace(",CIFF,", ",CIF,", 1)
    again = await ended(desk, (await posted(desk, "\r\n".join(lines).encode("utf-8-sig"))).json)
    assert (again["repeated"], again["accepted"], again["refused"]) == (2, 1, 0), "what was accepted is in the trade once"


async def test_the_report_of_a_workbook_is_the_workbook_and_can_be_lodged_again(desk: Desk) -> None:
    document = numbered(await desk.trade(), f"W-{uuid.uuid4().hex[:6]}")
    book = openpyxl.load_workbook(io.BytesIO(formats.write(document, "excel").body))
    places = {cell.value: cell.column for cell in book["lines"][2]}
    right = book["lines"].cell(3, places["lines[].line_amount.value"]).value
    book["lines"].cell(3, places["lines[].line_amount.value"]).value = 1
    target = io.BytesIO()
    book.save(target)
    job = await ended(desk, (await posted(desk, target.getvalue(), XLSX)).json)
    assert job["refused"] == 1
    report = await desk.get(job["links"]["report"], "van-der-meer")
    assert report.headers["Content-Disposition"] == 'attachment; filename="orders-findings.xlsx"'
    said = openpyxl.load_workbook(io.BytesIO(report.body))
    assert (
        said["lines"].cell(2, said["lines"].max_column).value == "# Findings"
        or said["lines"].cell(1, said["lines"].max_column).value == "# Findings"
    )
    assert "lines!" in said["lines"].cell(3, said["lines"].max_column).value
    said["lines"].cell(3, places["lines[].line_amount.value"]).value = right
    target = io.BytesIO()
    said.save(target)
    assert (await ended(desk, (await posted(desk, target.getvalue(), XLSX)).json))["accepted"] == 1


async def test_an_interchange_of_many_messages_is_taken_message_by_message(desk: Desk) -> None:
    documents = [numbered(await desk.trade(), f"E-{n}-{uuid.uuid4().hex[:6]}") for n in range(2)]
    job = await ended(desk, (await posted(desk, interchange(documents), EDI)).json)
    assert (job["total"], job["accepted"], job["refused"]) == (2, 2, 0)
    assert (await desk.get(job["links"]["report"], "van-der-meer")).status == 406


def interchange(documents: list[Document]) -> bytes:
    """One interchange of several messages."""
    bodies = [formats.write(document, "edifact").body for document in documents]
    messages = [body[body.index(b"UNH+") : body.index(b"UNZ+")] for body in bodies]
    numbered = [re.sub(rb"UNH\+1\+", b"UNH+%d+" % n, re.sub(rb"(UNT\+\d+)\+1'", rb"\1+%d'" % n, one)) for n, one in enumerate(messages, 1)]
    head, tail = bodies[0][: bodies[0].index(b"UNH+")], bodies[0][bodies[0].index(b"UNZ+") :]
    return head + b"".join(numbered) + tail.replace(b"UNZ+1", b"UNZ+%d" % len(documents))


async def test_what_is_no_file_of_documents_is_refused_at_once(desk: Desk) -> None:
    assert (await posted(desk, b"{}", "application/json")).status == 415
    assert (await posted(desk, b"message.type,document.number\r\npurchase_ordr,N\r\n")).json["code"] == "UNKNOWN_MESSAGE"
    reply = await posted(desk, b"message.type,document.number,nonsense\r\npurchase_order,N,1\r\n")
    assert (reply.status, reply.json["findings"][0]["cell"]) == (400, "C1")
    assert (await desk.get(f"/v1/bulk/{uuid.uuid4()}", "van-der-meer")).status == 404


async def test_the_job_of_another_party_is_not_there(desk: Desk) -> None:
    body = f"message.type,document.number\r\npurchase_order,{uuid.uuid4()}\r\n".encode()
    job = await ended(desk, (await posted(desk, body)).json)
    for path in job["links"].values():
        assert (await desk.get(path, "golden-lantern")).status == 404
    assert job["job_id"] in {one["job_id"] for one in (await desk.get("/v1/bulk", "van-der-meer")).json["items"]}
    assert job["job_id"] not in {one["job_id"] for one in (await desk.get("/v1/bulk", "golden-lantern")).json["items"]}


async def test_an_idempotency_key_gives_the_same_job(desk: Desk, hub: Hub) -> None:
    body = f"message.type,document.number\r\npurchase_order,{uuid.uuid4()}\r\n".encode()
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = await posted(desk, body, **key)
    await ended(desk, first.json)
    again = await posted(desk, body, **key)
    assert again.headers["Idempotency-Replayed"] == "true" and again.body == first.body
