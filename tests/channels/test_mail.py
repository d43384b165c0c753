"""E-mail in and out: an address is verified first, what comes from it is lodged, what comes from strangers waits for the operator."""

import io
import json
import re
import uuid
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from pypdf import PdfReader

from tests.channels.conftest import Until
from tests.channels.partners import MailBox
from tests.http.desk import Desk, order
from tradeflow.worker.servers import Servers

Json = dict[str, Any]
BUYER = "orders@van-der-meer.example"


async def put(desk: Desk, party: str, address: str, **settings: str) -> int:
    given = {"kind": "mail", "message_types": ["purchase_order"], "settings": {"address": address, **settings}}
    return (await desk.call("PUT", f"/v1/parties/{party}/channels/mail", party, given)).status


async def verified(desk: Desk, mailbox: MailBox, party: str, address: str) -> str:
    """A channel whose address is verified, as its owner does it. The hub's address that stands for it."""
    assert await put(desk, party, address) in (200, 201)
    tried = (await desk.post(f"/v1/parties/{party}/channels/mail/test", party)).json
    assert tried["result"] == "retry" and "not verified" in tried["said"]
    mail = mailbox.to(address)[0]
    code = re.search(r"code is: (\w{10})", mail.get_content())
    assert code
    assert await put(desk, party, address, code=code[1]) == 200
    return str(mail["Reply-To"])


@pytest.fixture(scope="module")
async def reply_to(desk: Desk, mailbox: MailBox) -> str:
    return await verified(desk, mailbox, "van-der-meer", BUYER)


async def send(servers: Servers, sender: str, to: str, name: str = "", body: bytes = b"", **headers: str) -> Any:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, "An order", f"<{uuid.uuid4()}@example>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content("Please find attached.")
    if name:
        mail.add_attachment(body, maintype="application", subtype="octet-stream", filename=name)
    return await aiosmtplib.send(mail, sender=sender, recipients=[to], hostname="127.0.0.1", port=servers.ports["mail"])


async def test_a_delivery_is_readable_and_carries_the_document(desk: Desk, mailbox: MailBox, until: Until) -> None:
    await verified(desk, mailbox, "golden-lantern", "desk@golden-lantern.example")
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201

    async def arrived() -> list[EmailMessage]:
        return [m for m in mailbox.to("desk@golden-lantern.example") if trade_id in str(m["Subject"])]

    mail = (await until(arrived))[0]  # type: ignore[index]
    text = mail.get_body(("plain",)).get_content()
    assert "purchase order" in str(mail["Subject"]) and "From: van-der-meer (importer)" in text
    assert message["document"]["number"] in text and f"totals total: {message['totals']['total']['value'].removesuffix('.00')} USD" in text
    files = list(mail.iter_attachments())
    assert [file.get_content_type() for file in files] == ["application/pdf", "application/json"]
    assert json.loads(files[1].get_content())["message"]["id"] == message["message"]["id"]
    paper = PdfReader(io.BytesIO(files[0].get_content()))
    assert message["document"]["number"] in "".join(page.extract_text() for page in paper.pages)
    (inside,) = [data for name, parts in paper.attachments.items() for data in parts]
    assert json.loads(inside) == json.loads(files[1].get_content()), "what is printed is what is attached"
    assert all(str(file.get_filename()) in text for file in files)
    assert str(mail["Message-ID"]).startswith(f"<{mail['X-Tradeflow-Delivery']}@")
    await desk.call("DELETE", "/v1/parties/golden-lantern/channels/mail", "golden-lantern")


async def test_an_unverified_address_gets_one_code_and_nothing_else(desk: Desk, mailbox: MailBox) -> None:
    address = "victim@elsewhere.example"
    assert await put(desk, "maasbank", address, code="abcdefghij") in (200, 201)
    for _ in range(3):
        assert (await desk.post("/v1/parties/maasbank/channels/mail/test", "maasbank")).json["result"] == "retry"
    assert len(mailbox.to(address)) == 1


async def test_a_code_is_for_one_address(desk: Desk, mailbox: MailBox) -> None:
    await verified(desk, mailbox, "harbour-trade-bank", "one@harbour.example")
    code = re.search(r"code is: (\w{10})", mailbox.to("one@harbour.example")[0].get_content())
    assert code
    assert await put(desk, "harbour-trade-bank", "two@harbour.example", code=code[1]) == 200
    tried = (await desk.post("/v1/parties/harbour-trade-bank/channels/mail/test", "harbour-trade-bank")).json
    assert tried["result"] == "retry" and "not verified" in tried["said"]


async def test_mail_from_a_party_is_lodged_and_answered(desk: Desk, mailbox: MailBox, servers: Servers, reply_to: str) -> None:
    trade_id = await desk.trade()
    await send(servers, BUYER, reply_to, "order.json", json.dumps(order(trade_id)).encode())
    answer = mailbox.to(BUYER)[-1]
    assert str(answer["Subject"]) == "accepted: order.json" and answer["In-Reply-To"]
    assert json.loads(next(answer.iter_attachments()).get_content())["receipt"]["trade_id"] == trade_id
    assert (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"][-1]["party"] == "van-der-meer"


async def test_what_cannot_be_lodged_is_answered_and_waits(desk: Desk, mailbox: MailBox, servers: Servers, reply_to: str) -> None:
    await send(servers, BUYER, reply_to, "order.json", b'{"message": 1}')
    answer = mailbox.to(BUYER)[-1]
    problem = json.loads(next(answer.iter_attachments()).get_content())
    assert str(answer["Subject"]) == "not accepted: order.json" and problem["quarantine_id"] in answer.get_body().get_content()
    case = next(
        c for c in (await desk.get("/v1/quarantine", "van-der-meer")).json["items"] if c["quarantine_id"] == problem["quarantine_id"]
    )
    assert (case["channel"], case["address"]) == ("mail", BUYER)


@pytest.mark.parametrize("forged", ["sender", "address", "plain"])
async def test_strangers_and_forgers_lodge_nothing(desk: Desk, mailbox: MailBox, servers: Servers, reply_to: str, forged: str) -> None:
    trade_id = await desk.trade()
    sender = "someone@else.example" if forged == "sender" else BUYER
    to = {"sender": reply_to, "address": "hub+m.aaaaaaaaaaaaaaaaaaaaaaaa@hub.example", "plain": "hub@hub.example"}[forged]
    before, body = len(mailbox.mails), json.dumps(order(trade_id)).encode()
    await send(servers, sender, to, "order.json", body)
    cases = (await desk.get("/v1/quarantine", "operator")).json["items"]
    case = next(c for c in cases if c["trade_id"] == trade_id)
    assert (case["reason"], case["party_id"], case["sender"]) == ("unknown_sender", "operator", "")
    assert len(mailbox.mails) == before, "a stranger gets no answer: the sender may be somebody else's address"
    assert len((await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"]) == 1


async def test_mail_without_a_document_is_kept_and_answered_once(mailbox: MailBox, servers: Servers, reply_to: str) -> None:
    before = len(mailbox.mails)
    await send(servers, BUYER, reply_to)
    assert len(mailbox.mails) == before + 1
    await send(servers, BUYER, reply_to, Auto_Submitted="auto-replied")
    assert len(mailbox.mails) == before + 1, "programs do not answer each other for ever"


@pytest.mark.parametrize(
    "head", [b"From: \xff\xfe=?x?q?\xff?=, <\r\nSubject: =?utf-8?b?////?=\r\n", b"Content-Type: multipart/mixed\r\n", b"\x00\x01\r\n", b""]
)
async def test_mail_that_no_program_would_write_is_kept(desk: Desk, servers: Servers, reply_to: str, head: bytes) -> None:
    async def waiting() -> int:
        return len((await desk.get("/v1/quarantine?limit=500", "operator")).json["items"])

    before, body = await waiting(), head + f"\r\n{uuid.uuid4()}\r\n".encode()
    await aiosmtplib.send(body, sender="x@else.example", recipients=[reply_to], hostname="127.0.0.1", port=servers.ports["mail"])
    assert await waiting() == before + 1


async def test_the_hub_relays_nothing(servers: Servers) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(servers, BUYER, "someone@else.example")


async def test_a_returned_mail_is_noted_for_the_party(desk: Desk, mailbox: MailBox, servers: Servers, reply_to: str) -> None:
    assert (await desk.post("/v1/parties/van-der-meer/channels/mail/test", "van-der-meer")).json["result"] == "sent"
    sender = mailbox.mails[-1][0]
    assert sender.startswith("hub+b.")
    await send(servers, "mailer-daemon@example", sender)
    cases = (await desk.get("/v1/quarantine", "van-der-meer")).json["items"]
    assert [(c["reason"], c["address"]) for c in cases if c["name"] == "returned mail"] == [("bounced", BUYER)]


async def test_a_mailbox_that_does_not_exist_waits_for_a_person(desk: Desk, mailbox: MailBox, reply_to: str) -> None:
    mailbox.refuses.add(BUYER)
    tried = (await desk.post("/v1/parties/van-der-meer/channels/mail/test", "van-der-meer")).json
    mailbox.refuses.discard(BUYER)
    assert tried["result"] == "failed" and "no such mailbox" in tried["said"]
