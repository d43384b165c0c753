"""No webhook reaches the inside: every way to write an internal address, against a listener that must stay lonely."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tradeflow.adapters.webhook import Webhook

from tradeflow.app.kinds import kinds
from tradeflow.model.addresses import permitted
from tradeflow.ports import ChannelSettings, Outgoing, RetryLater, SendResult, Sent

SECRET = "whsec_" + "QUJD" * 8
V4 = ["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"]  # noqa: S104  # fmt: skip
V6 = ["::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:a9fe:a9fe", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2002:a9fe:a9fe::", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "5f00::1", "100::1", "3fff::1"]  # fmt: skip
ODD = ["2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0177.0.0.01", "127.1", "127.0.1", "0", "0x0", "0.0", "127.0.0.1.", "0x7f.1", "0X7F.0X0.0X0.0X1", "00000177.0.0.1", "localhost", "LOCALHOST", "localhost.", "sub.localhost", "ip6-localhost"]  # fmt: skip
TRICKS = [
    "http://user@127.0.0.1:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://elsewhere.invalid@127.0.0.1:{port}/",
    "http://elsewhere.invalid%40127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@elsewhere.invalid/",
    "http://elsewhere.invalid\\@127.0.0.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://１２７.０.０.１:{port}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://loc\u00adalhost:{port}/",
    "http://127.0.0.1%00.elsewhere.invalid:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[fe80::1%25eth0]:{port}/",
    "//127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@elsewhere.invalid/",
    "http://127.0.0.1:{port}?@elsewhere.invalid/",
]
FORMS = [f"{scheme}://{host}:{{port}}/hook" for host in (*V4, *[f"[{ip}]" for ip in V6], *ODD) for scheme in ("http", "https")] + TRICKS


class Canary:
    """Counts who knocks, on all addresses of the machine."""

    def __init__(self) -> None:
        self.knocks = 0
        self.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
        self.port = 0

    async def met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.knocks += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    made = Canary()
    server = await asyncio.start_server(made.met, "0.0.0.0", 0)  # noqa: S104 - whoever may knock on whatever address of this machine
    made.port = server.sockets[0].getsockname()[1]
    servers = [server]
    if socket.has_ipv6:
        servers.append(await asyncio.start_server(made.met, "::", made.port))
    yield made
    for one in servers:
        one.close()


def outgoing() -> Outgoing:
    return Outgoing(
        uuid4(),
        "T-1",
        3,
        uuid4(),
        "message",
        "note",
        "9",
        "a",
        "exporter",
        "b",
        "importer",
        1,
        "application/json",
        b"{}",
        datetime.now(UTC),
    )


async def post(url: str, internal: bool = False) -> SendResult | str:
    """What becomes of a post, or why its address was not even taken."""
    settings = {"url": url, "timeout_seconds": 5}
    if faults := kinds()["webhook"].faults(settings, set()):
        said = "; ".join(what for _, what in faults)
        assert "url" in said
    try:
        webhook = Webhook(ChannelSettings("b", "erp", settings, {"signing": [SECRET]}, internal))
    except ValueError as error:
        return str(error)
    try:
        return await webhook.send(outgoing())
    finally:
        await webhook.close()


async def unchecked(url: str) -> SendResult:
    """As if the text had not been looked at: the socket alone decides."""

    class Careless(Webhook):
        @staticmethod
        def faults(settings: object) -> list[str]:
            return []

    webhook = Careless(ChannelSettings("b", "erp", {"url": url, "timeout_seconds": 5}, {"signing": [SECRET]}))
    try:
        return await webhook.send(outgoing())
    finally:
        await webhook.close()


def test_there_are_enough_forms():
    assert len(set(FORMS)) >= 80


async def test_the_canary_hears_who_may_knock(canary: Canary):
    """The control: with the setting of a sandbox the same post arrives, so that silence below means something."""
    assert isinstance(await post(f"http://127.0.0.1:{canary.port}/hook", internal=True), Sent)
    assert canary.knocks == 1


async def test_no_form_of_an_internal_address_is_connected_to(canary: Canary):
    for form in FORMS:
        result = await post(form.format(port=canary.port))
        assert isinstance(result, str | RetryLater), form
    assert canary.knocks == 0


async def test_nor_where_the_text_is_not_looked_at(canary: Canary):
    reached = 0
    for form in FORMS:
        try:
            result = await unchecked(form.format(port=canary.port))
        except ValueError:
            continue
        reached += 1
        assert isinstance(result, RetryLater), (form, result)
    assert reached > 80
    assert canary.knocks == 0


async def test_a_name_that_changes_its_mind_is_checked_at_the_socket(canary: Canary, monkeypatch: pytest.MonkeyPatch):
    """Rebinding: whoever asks first is told a public address, the connection the inside one. Only the last answer counts."""
    answers = iter(["93.184.216.34"] + ["127.0.0.1"] * 10)
    asked: list[str] = []

    def rebound(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    rebound("rebind.example", 80)
    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    result = await unchecked(f"http://rebind.example:{canary.port}/")
    assert isinstance(result, RetryLater) and "no channel may use" in result.why
    assert asked == ["rebind.example"] * 2
    assert canary.knocks == 0


async def test_one_good_address_among_bad_ones_does_not_open_the_bad(canary: Canary, monkeypatch: pytest.MonkeyPatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, canary.port)) for ip in ("127.0.0.1", "10.1.2.3", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    result = await unchecked(f"http://mixed.example:{canary.port}/")
    assert isinstance(result, RetryLater) and "no channel may use" in result.why
    assert canary.knocks == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(canary: Canary, status: int):
    inner = Canary()
    server = await asyncio.start_server(inner.met, "127.0.0.1", 0)
    target = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    canary.answer = f"HTTP/1.1 {status} Elsewhere\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n".encode()
    result = await post(f"http://127.0.0.1:{canary.port}/hook", internal=True)
    assert isinstance(result, RetryLater) and "redirects are not followed" in result.why
    assert (canary.knocks, inner.knocks) == (1, 0)
    server.close()


@pytest.mark.parametrize("ip", [*V4, *V6])
def test_every_internal_address_is_denied(ip: str):
    assert not permitted(ip)


@pytest.mark.parametrize(
    "ip", ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_permitted(ip: str):
    assert permitted(ip)


def test_the_setting_of_a_sandbox_opens_the_machine_itself_and_nothing_else():
    assert {ip for ip in (*V4, *V6) if permitted(ip, internal=True)} == {
        "127.0.0.1",
        "127.255.255.254",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
    }
