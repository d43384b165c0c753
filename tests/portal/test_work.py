"""Work lists and decisions, as each role: what waits is computed from the states of trades, and done through the API's use cases."""

import pytest
from playwright.async_api import Page, expect

from tests.http.desk import Desk
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import Visits, email_of, enlisted
from tests.portal.roles import company, registered, standing
from tests.portal.visitor import PASSWORD, Seen
from tradeflow.app import worklist
from tradeflow.app.content import check_content
from tradeflow.app.desks import check_desks, desks
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue

AGREED = ["contract.main=agreed", "trade.case=contracted"]
# role, the states of a trade, section of its desk, what waits there
WAITING = [
    ("exporter", [*AGREED, "goods.main=packed"], "Goods and inspection", "commercial_invoice"),
    ("importer", AGREED, "Letter of credit", "lc_application"),
    ("issuing_bank", [*AGREED, "lc.credit=applied"], "Credits", "letter_of_credit"),
    ("advising_bank", [*AGREED, "lc.credit=issued"], "Credits", "lc_advice"),
    ("issuing_bank", [*AGREED, "lc.credit=advised", "settlement.presentation=at_issuing"], "Decisions", "examination_discrepant"),
    ("insurer", [*AGREED, "insurance.cover=applied"], "Applications", "insurance_application_response"),
    ("sea_carrier", [*AGREED, "transport.booking=requested"], "Bookings", "booking_confirmation"),
    ("freight_forwarder", [*AGREED, "transport.booking=instructed"], "Bookings", "shipping_instruction_confirmation"),
    ("inspection_body", [*AGREED, "inspection.main=scheduled"], "Appointments", "inspection_started"),
    ("licensing_authority", [*AGREED, "regulatory.licence=applied"], "Applications", "licence_decision_notice"),
    ("customs", [*AGREED, "declaration.main=lodged"], "Declarations", "customs_response"),
]


def offered(page: Seen, trade_id: str) -> set[str]:
    """The messages and decisions that a page offers for a trade."""
    links = page.all(f"//span[@class='tasks']//a[contains(@href, '/{trade_id}/')]/@href")
    return {link.partition("?")[0].rpartition("/")[2] for link in links}


@pytest.mark.parametrize(("role", "given", "section", "what"), WAITING, ids=lambda value: value if isinstance(value, str) else "")
async def test_each_role_finds_what_waits_for_it(desk: Desk, visitor: Visits, role: str, given: list[str], section: str, what: str) -> None:
    trade_id = await standing(desk, given)
    one = await visitor(company(role))
    page = await one.get("/portal/desks")
    assert page.status == 200 and trade_id in page.text
    heading = page.all(f"//section[h2[normalize-space()='{section}']]")
    assert heading and what in {link.partition("?")[0].rpartition("/")[2] for link in heading[0].xpath(".//a/@href")}
    link = page.all(f"//a[contains(@href, '/{trade_id}/') and contains(@href, '/{what}?')]/@href")[0]
    may = await desk.get(f"/v1/trades/{trade_id}/allowed?role={role}", company(role))
    assert what in {entry.get("message") or entry.get("event") for entry in may.json["items"]}, "the list says what the API says"
    if what in machine().events:
        assert (await one.get(link)).status == 200


async def test_of_two_shipments_each_has_its_work_and_its_form(desk: Desk, visitor: Visits) -> None:
    trade_id = await standing(desk, [*AGREED, "transport.booking=requested", "transport#2.booking=requested"])
    one = await visitor(company("sea_carrier"))
    page = await one.get("/portal/desks")
    links = page.all(f"//span[@class='tasks']//a[contains(@href, '/{trade_id}/write/booking_confirmation')]/@href")
    assert {link.partition("instance=")[2] for link in links} == {"transport", "transport%232"}
    second = await one.get(next(link for link in links if link.endswith("%232")))
    assert second.all("//input[@name='/message/process_instance']/@value") == ["transport#2"]
    assert second.all("//nav[@aria-labelledby='which']//a[@aria-current='true']/@href") == [
        f"/portal/trades/{trade_id}/write/booking_confirmation?role=sea_carrier&instance=transport%232"
    ]
    either = await one.get(f"/portal/trades/{trade_id}/write/booking_confirmation")
    assert len(either.all("//nav[@aria-labelledby='which']//a")) == 2 and "only what holds for all of them" in either.text
    assert either.all("//input[@name='instance']/@value") == [""]


@pytest.mark.parametrize(
    ("role", "given", "waits", "optional"),
    [
        ("issuing_bank", ["lc.credit=advised", "settlement.presentation=at_issuing"], "examination_complying", "document_arrival_notice"),
        ("sea_carrier", ["transport.movement=arrived"], "departure_notice", "manifest"),
        ("container_depot", ["transport.equipment=empty_ordered"], "trucking_company_information", "container_maintenance_status"),
    ],
)
async def test_what_nobody_waits_for_stands_apart(
    desk: Desk, visitor: Visits, role: str, given: list[str], waits: str, optional: str
) -> None:
    trade_id = await standing(desk, [*AGREED, *given])
    one = await visitor(company(role))
    await one.get("/portal/desks")
    assert one.page is not None
    tab = one.page.all("//nav[@class='tabs']/a[normalize-space()='You may also']/@href")[0]
    page = await one.get(tab)
    links = page.all(f"//ul[@class='also']//a[contains(@href, '/{trade_id}/')]/@href")
    named = {link.partition("?")[0].rpartition("/")[2] for link in links}
    assert optional in named and waits not in named
    assert not named & offered(await one.get(tab.partition("?")[0]), trade_id), "what waits is not told twice"
    trade = await one.get(f"/portal/trades/{trade_id}")
    assert optional in {link.rpartition("/")[2] for link in trade.all("//section[@id='todo']//ul[@class='also']//a/@href")}
    may = (await desk.get(f"/v1/trades/{trade_id}/allowed?role={role}", company(role))).json["items"]
    assert named <= {entry.get("message") for entry in may}, "the list says what the API says"
    form = await one.get(next(link for link in links if f"/{optional}?" in link))
    assert form.status == 200 and form.form(f"/portal/trades/{trade_id}/write/{optional}")["role"] == role


async def test_a_list_follows_the_trade(desk: Desk, visitor: Visits) -> None:
    trade_id = await standing(desk, [*AGREED, "inspection.main=scheduled"])
    one = await visitor(company("inspection_body"))
    assert "inspection_started" in offered(await one.get("/portal/desks/inspection"), trade_id)
    form = await one.get(f"/portal/trades/{trade_id}/decisions/inspection_started")
    assert "inspector on site" in form.text
    done = await one.submit(f"/portal/trades/{trade_id}/decisions/inspection_started", note="Gate 4, two inspectors")
    assert done.path == f"/portal/trades/{trade_id}"
    states = (await desk.get(f"/v1/trades/{trade_id}", company("inspection_body"))).json["regions"]
    assert states["inspection.main"]["state"] == "inspecting"
    now = offered(await one.get("/portal/desks/inspection"), trade_id)
    assert "inspection_started" not in now and "inspection_certificate" in now


async def test_a_bank_examines_and_says_what_is_wrong(desk: Desk, visitor: Visits) -> None:
    trade_id = await standing(desk, [*AGREED, "lc.credit=advised", "settlement.presentation=at_issuing"])
    one = await visitor(company("issuing_bank"))
    page = await one.get("/portal/desks/bank?section=decisions")
    link = page.all(f"//a[contains(@href, '/{trade_id}/decisions/examination_discrepant')]/@href")[0]
    form = await one.get(link)
    assert form.all("//section[h2='To read for it']//a"), "the documents presented are one click away"
    path = link.partition("?")[0]
    refused = await one.submit(path)
    assert refused.status == 409 and refused.all("//*[@role='alert']") and refused.form(path), "a discrepancy is said in words"
    done = await one.submit(path, note="Bill of lading shows no on board date.")
    assert done.path == f"/portal/trades/{trade_id}"
    states = (await desk.get(f"/v1/trades/{trade_id}", company("issuing_bank"))).json["regions"]
    assert states["settlement.presentation"]["state"] == "discrepant_issuing"


async def test_a_decision_that_is_not_open_is_not_there(desk: Desk, visitor: Visits) -> None:
    trade_id = await standing(desk, AGREED)
    one = await visitor(company("customs"))
    for event in ("examination_complying", "no_such_event", "shipment_departed"):
        assert (await one.get(f"/portal/trades/{trade_id}/decisions/{event}")).status == 404
    assert (await one.get(f"/portal/trades/{trade_id}/decisions")).status == 200
    stranger = await visitor("stranger")
    assert (await stranger.get(f"/portal/trades/{trade_id}/decisions")).status == 404


async def test_who_has_no_part_has_no_work(visitor: Visits, desk: Desk) -> None:
    assert (await desk.post("/v1/parties", "operator", {"party_id": "newcomer", "name": "Newcomer Ltd", "country": "HK"})).status == 201
    await enlisted(desk, "newcomer", email_of("newcomer"))
    one = await visitor("newcomer")
    assert "Nothing waits for you" in (await one.get("/portal/desks")).text
    assert (await one.get("/portal/desks/bank")).text.count("DESK-") == 0
    assert (await one.get("/portal/desks/nothing")).status == 404
    operator = await visitor("operator")
    assert "My work" not in operator.page.text  # type: ignore[union-attr]


async def test_long_lists_go_page_by_page(desk: Desk, visitor: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    trades = {await standing(desk, [*AGREED, "declaration.main=lodged"]) for _ in range(5)}
    monkeypatch.setattr(worklist, "ROWS", 2)
    monkeypatch.setattr(worklist, "COMPUTED", 1)
    one = await visitor(company("customs"))
    page, seen, pages = await one.get("/portal/desks/customs?section=declarations"), [], 0
    while True:
        seen += page.all("//tbody/tr/th/a/text()")
        older = page.all("//a[normalize-space()='More trades']/@href")
        pages += 1
        if not older:
            break
        page = await one.get(older[0])
    assert trades <= set(seen) and len(seen) == len(set(seen)) and pages > 3


def test_every_desk_is_sound_and_every_role_has_one() -> None:
    assert check_desks(machine(), catalogue(), catalogue().roots) == []
    at = {role for desk in desks().values() for role in desk.roles}
    assert at >= set(catalogue().roles) - {"platform", "notify_party"}
    assert not [defect for defect in check_content().defects if "desk" in str(defect)]


async def test_a_second_person_releases_from_the_portal(desk: Desk, visitor: Visits) -> None:
    await registered(desk, ["customs_broker"])
    trade_id = await standing(desk, [*AGREED, "inspection.main=requested"])
    party = company("inspection_body")
    boss = await visitor(party)
    await boss.get("/portal/held-rules")
    wrong = await boss.submit("/portal/held-rules", type="inspection_notice", amount_from="many", currency="USD")
    assert wrong.status == 422 and "An amount is a number" in wrong.text
    rules = [
        ("csrf_token", wrong.form("/portal/held-rules")["csrf_token"]),
        ("type", "inspection_notice"),
        ("amount_from", ""),
        ("currency", ""),
    ]
    said = await boss.post("/portal/held-rules", rules)
    assert said.path == "/portal/held" and "Inspection arrangement notice" in said.text
    try:
        draft = (await desk.get(f"/v1/trades/{trade_id}/draft/inspection_notice?role=inspection_body&number=IN-1", party)).json
        message = draft["document"] | {"inspector": "Chan Tai Man", "status": "SCHEDULED"}
        kept = await desk.lodge(message, party)
        assert kept.status in (202, 422), kept.body
        if kept.status == 202:
            page = await boss.get("/portal/held")
            link = page.all("//tbody//th/a/@href")[0]
            assert trade_id in (await boss.get(link)).text
            gone = await boss.submit(f"{link}/reject", note="another day")
            assert gone.path == "/portal/held" and "another day" in gone.text
    finally:
        assert (await desk.call("PUT", "/v1/release-rules", party, {"items": []})).status == 200


@pytest.mark.parametrize("role", ["issuing_bank", "sea_carrier"])
async def test_nobody_is_kept_out_of_a_work_list(desk: Desk, tab: Page, phone: Page, role: str) -> None:
    given = [*AGREED, "lc.credit=advised", "settlement.presentation=at_issuing", "transport.booking=requested"]
    trade_id = await standing(desk, given, prefix="ZZZZ")  # the first of the list
    for page in (tab, phone):
        await page.goto("/portal/sign-in?next=/portal/desks")
        await page.get_by_label("E-mail address").fill(email_of(company(role)))
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("link", name=trade_id).first).to_be_visible()
        assert await barriers(page) == [] and await sideways(page) <= 0
    if role == "issuing_bank":
        await tab.locator(f"a[href*='{trade_id}/decisions/examination_complying']").first.click()
        await expect(tab.get_by_role("button", name="Decide")).to_be_visible()
        assert await barriers(tab) == [] and await sideways(tab) <= 0
