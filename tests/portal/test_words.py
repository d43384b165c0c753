"""Every text of the interface, and every name on it, has a translation; findings say in the reader's language what they can."""

import json
import re

import pytest

from tests.http.desk import Desk, order, sample
from tests.portal.conftest import Visits, email_of
from tests.portal.roles import company, standing
from tests.portal.test_work import AGREED
from tests.portal.visitor import PASSWORD, Seen
from tests.rehearsed import states
from tradeflow.api.codes import title
from tradeflow.app.reading import made_of, rule_text, sentence
from tradeflow.cli.scenario import shipped
from tradeflow.cli.words import COMPLETE
from tradeflow.draft.words import words
from tradeflow.language.catalogues import languages, translations
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.portal import extraction, formats
from tradeflow.portal.entry.lookups import offered, offers
from tradeflow.portal.entry.once import options_of
from tradeflow.portal.entry.view import SELECT_MAX
from tradeflow.portal.wording import chosen, filters
from tradeflow.scenario.load import load

TRANSLATED = [id for id in languages() if id != "en"]
CODES = re.compile(r"[a-z_.]+ = %\(\w+\)s")  # what a field holds, by their names in a message
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_there_are_both_forms_of_chinese() -> None:
    assert TRANSLATED == ["zh_Hans", "zh_Hant"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_interface_and_its_names_are_complete(language: str) -> None:
    known = extraction.translated(language)
    kinds = {"interface": extraction.interface(), **extraction.content()}
    missing = {kind: extraction.untranslated(kinds[kind], known) for kind in COMPLETE}
    assert {kind: left for kind, left in missing.items() if left} == {}, "run `tradeflow words --missing interface`"
    assert extraction.broken(known) == []
    assert [
        text
        for text, said in known.items()
        if not HAN.search(said)
        and re.search("[A-Za-z]{4}", extraction.PLACES.sub("", text))
        and said not in ("SFTP", "Webhook")
        and not CODES.fullmatch(text)
    ] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_nearly_all_of_the_content_is_translated(language: str) -> None:
    """Who adds a rule need not know Chinese; it is told in English until somebody who does has translated it."""
    known = extraction.translated(language)
    for kind, texts in extraction.content().items():
        assert len(extraction.untranslated(texts, known)) <= len(texts) * 0.05, kind


def test_a_text_that_nobody_translated_is_noticed() -> None:
    assert extraction.untranslated({"A new sentence.": "x"}, extraction.translated("zh_Hant")) == ["A new sentence."]
    assert extraction.broken({"until %(day)s": "直至"}) and not extraction.broken({"until %(day)s": "至 %(day)s"})


def test_the_simplified_form_is_made_of_the_traditional_one() -> None:
    pytest.importorskip("opencc", reason="OpenCC makes the simplified catalogue: pip install -e .[dev]")
    assert extraction.simplified(extraction.translated("zh_Hant")) == extraction.translated("zh_Hans")
    assert extraction.translated("zh_Hans")["Documentary letter of credit"] == "跟单信用证"


def test_the_simplified_form_reads_as_written_on_the_mainland() -> None:
    """What Hong Kong and Taiwan call otherwise: letters of credit, negotiation, containers, accounts, files."""
    elsewhere = ("信用状", "押汇", "柜", "帐", "匣", "文档的", "预设", "栈板", "受通知人", "邮递区号")
    assert [said for said in extraction.translated("zh_Hans").values() if any(word in said for word in elsewhere)] == []


@pytest.mark.parametrize("language", TRANSLATED)
async def test_a_page_is_read_in_chinese(desk: Desk, visitor: Visits, language: str) -> None:
    trade_id = await standing(desk, [*AGREED, "lc.credit=advised", "settlement.presentation=at_issuing"])
    one = await visitor("")
    one.session.headers["Accept-Language"] = {"zh_Hant": "zh-HK", "zh_Hans": "zh-CN"}[language]
    await one.get("/portal/sign-in")
    page = await one.submit("/portal/sign-in", email=email_of(company("issuing_bank")), password=PASSWORD)
    assert page.all("//html/@lang") == [language.replace("_", "-")]
    page = await one.get("/portal/desks/bank?section=decisions")
    form = await one.get(page.all(f"//a[contains(@href, '/{trade_id}/decisions/examination_discrepant')]/@href")[0])
    for seen in (page, form):
        words = re.sub(
            r"https?://\S+|[A-Z]{2,}[\w.-]*|tradeflow|Co\b",
            "",
            " ".join(seen.all("//main//h1/text() | //main//h2/text() | //main//label/text() | //main//th/text()")),
        )
        assert HAN.search(words) and not re.search(r"[A-Za-z]{4,}", words), words


@pytest.mark.parametrize("language", TRANSLATED)
async def test_whole_pages_have_no_english_but_what_was_typed(desk: Desk, visitor: Visits, language: str) -> None:
    trade_id = await standing(desk, [*AGREED, "lc.credit=advised", "settlement.presentation=at_issuing"])
    one = await visitor("")
    one.session.headers["Accept-Language"] = language.replace("_", "-")
    await one.get("/portal/sign-in")
    await one.submit("/portal/sign-in", email=email_of(company("exporter")), password=PASSWORD)
    trade = f"/portal/trades/{trade_id}"
    shown = [await one.get(path) for path in ("/portal", "/portal/trades", trade, f"{trade}/write/shipping_instruction", "/portal/inbox")]
    linked = shown[2].all("//a[contains(@href, '/documents/')]/@href")
    shown += [await one.get(path.partition("#")[0]) for path in dict.fromkeys(linked[:2])]
    shown += [await one.get(f"{trade}/write/{message}") for message in ("commercial_invoice", "insurance_application", "packing_list")]
    shown += [await one.get(path) for path in ("/portal/trades-new", "/portal/desks", "/portal/audit", f"/portal/audit/{trade_id}")]
    shown += [
        await one.get(f"{trade}/{part}")
        for part in ("decisions", "findings", "deliveries", "present", "upload", "write/lc_amendment_request")
    ]
    shown += [await one.get(f"/portal/{part}") for part in ("company/channels", "files", "drafts", "held-rules", "account", "verify")]
    shown += [await one.get(f"{trade}/lookup/{name}?q=") for name in ("unlocode", "hs_code", "container_type", "iata_airport")]
    known = (await desk.get(f"/v1/trades/{trade_id}/documents", company("exporter"))).json["items"]
    typed = f"{known} {' '.join(role.name for role in catalogue().roles.values())} {email_of('x')} tradeflow PDF Operator of this hub"
    for entry in known:
        typed += str((await desk.get(f"/v1/trades/{trade_id}/documents/{entry['type']}/{entry['number']}", company("exporter"))).json)
    assert {page.status for page in shown} == {200}
    assert {page.path: left for page in shown if (left := english(page, typed))} == {}


@pytest.mark.parametrize("language", TRANSLATED)
async def test_refusals_and_the_audit_trail_have_no_english_but_what_was_typed(desk: Desk, visitor: Visits, language: str) -> None:
    trade_id = await desk.trade()
    first = order(trade_id)
    text = json.dumps(sample("proforma_invoice", trade_id, "s11", created_at=first["message"]["created_at"]))
    proforma = json.loads(text.replace("victoria-electronics", "golden-lantern").replace("gulf-instruments", "van-der-meer"))
    del proforma["signature"]  # dated after the first day
    for message, party in ((first, "van-der-meer"), (proforma, "golden-lantern")):
        reply = await desk.lodge(message, party)
        assert reply.status == 201, str(reply.json["findings"])[:900]
    one = await visitor("golden-lantern")
    one.session.headers["Accept-Language"] = language.replace("_", "-")
    trail = await one.get(f"/portal/audit/{trade_id}")
    assert translations(language).gettext("pro-forma available for L/C application") in trail.text
    refused = [
        await one.get("/portal/trades/NO-SUCH-TRADE"),
        await one.get("/portal/no-such-page"),
        await one.get("/portal/hub/parties"),
        await one.get(f"/portal/trades/{trade_id}/write/letter_of_credit?role=issuing_bank"),
        await one.get(f"/portal/trades/{trade_id}/decisions/no_such_event"),
        await one.post("/portal/language", {"language": language}, **{"Sec-Fetch-Site": "cross-site"}),
    ]
    assert {page.status for page in refused} == {403, 404} and translations(language).gettext(title("UNKNOWN_TRADE", 404)) in refused[
        0
    ].text
    typed = f"{proforma} tradeflow PDF {trade_id} golden lantern van der meer hub parties NO-SUCH-TRADE"
    assert {page.path: left for page in (trail, *refused) if (left := english(page, typed))} == {}


def english(page: Seen, typed: str) -> dict[str, str]:
    """The words of a page, with where they stand, that are neither of the language nor typed by somebody: what is read, and what is told."""
    unread = "self::script or self::style or self::textarea or self::time or self::code or @id='language'"
    nodes = page.all(f"//body//text()[not(ancestor::*[{unread}])]")
    nodes += page.all("//body//@aria-label | //body//@title[not(parent::code)] | //body//@placeholder | //body//@alt")
    told = {word: str(node) for node in nodes for word in re.findall(r"(?<![\w@./#-])[a-z]{3,}(?![\w@./#-])", str(node))}
    return {word: " ".join(node.split()) for word, node in told.items() if word not in typed}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_line_that_the_machine_writes_and_every_code_that_is_offered_is_said(language: str) -> None:
    written = [timer.id + ": " + timer.text for timer in machine().timers.values()] + list(extraction.content()["record"])
    assert len(written) > 90
    assert [text for text in written if not HAN.search(filters(language)["recorded"](text))] == []
    lists = {name for name, codes in catalogue().codelists.items() if 0 < len(codes.values) <= SELECT_MAX}
    said = {text: chosen(language, text) for name in lists for _, text in offered(name)}
    assert len(said) > 250 and {text: one for text, one in said.items() if not HAN.search(one)} == {}
    assert chosen("en", "FOB – Free on Board") == "FOB – Free on Board" and said["FOB – Free on Board"].startswith("FOB – ")


def test_a_finding_says_its_rule_and_its_values() -> None:
    texts = extraction.findings()["rule"]
    known = extraction.translated("zh_Hant")
    done = [text for text in texts if text in known]
    assert rule_text(f"{texts and next(iter(texts))} and more") == next(iter(texts))
    if done:
        finding = {"message": f"{done[0]} USD 1.00 is not USD 2.00.", "found": "1", "expected": {"value": "2.00", "currency": "USD"}}
        said = filters("zh_Hant")["told"](finding)
        assert known[done[0]] in said and "USD 1.00 不是 USD 2.00" in said
        said = filters("zh_Hant")["told"]({**finding, "message": f"{done[0]} So it goes."})
        assert known[done[0]] in said and "實際：1" in said and "USD 2.00" in said and "goes" not in said
    assert filters("en")["told"]({"message": "As it is."}) == "As it is."


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("14 days after 2025-03-10", "14 days after 10 Mar 2025", "2025年3月10日 後 14 日"),
        (
            "until 2025-04-15 (letter_of_credit LC-1)",
            "until 15 Apr 2025 (Documentary letter of credit LC-1)",
            "至 2025年4月15日 止（跟單信用狀 LC-1）",
        ),
        (
            "reminder: 21 days after 2025-03-10, not later than 2025-03-20T23:59+08:00",
            "reminder: 21 days after 10 Mar 2025, not later than 20 Mar 2025 23:59 (UTC+08:00)",
            "提醒：2025年3月10日 後 21 日，但不遲於 2025年3月20日 23:59 (UTC+08:00)",
        ),
        ("nobody knows this sentence", "nobody knows this sentence", "nobody knows this sentence"),
    ],
)
def test_a_sentence_of_values_is_said_in_each_language(text: str, english: str, chinese: str) -> None:
    assert sentence("en", text) == english and sentence("zh_Hant", text) == chinese


@pytest.mark.parametrize("name", ["FLOATING", "S01", "S08", "S10", "S11", "S16"])
def test_why_a_clock_ends_when_it_does_is_said_in_each_language(name: str) -> None:
    """The sentences that the machine really makes: one that is worded otherwise there is noticed here."""
    reasons = {timer.why for state in states(load(shipped()[name])) for timer in state.timers.values()}
    assert reasons
    assert [why for why in reasons if not HAN.search(sentence("zh_Hant", why))] == []


def test_where_a_value_comes_from_is_said_in_each_language() -> None:
    assert made_of("en", "sum of Gross weight") == "sum of Gross weight"
    assert made_of("zh_Hant", "sum of Gross weight") == "合計：毛重" and made_of("zh_Hant", "today") == "今日"
    assert all(HAN.search(made_of("zh_Hant", one.text)) for one in words().values())


def test_moment_is_told_with_its_day_in_utc() -> None:
    """Midnight in Hong Kong is the afternoon of the day before."""
    assert "31 Mar 2025 16:00 UTC" in str(formats.filters("en")["moment"]("2025-04-01T00:00:00+08:00"))
    assert formats.filters("en")["last_day"]("2025-04-01T00:00:00+08:00") == "31 Mar 2025"


def test_english_spells_out_what_names_of_the_content_cannot() -> None:
    """Every name that the English catalogue spells otherwise is one of the content, and nothing but its letters' case and strokes differ."""
    states = extraction.content()["state"]
    for name, spelled in extraction.translated("en").items():
        assert name in states and spelled.replace("/", "").lower() == name, (name, spelled)
    assert filters("en")["t"]("do issued") == "D/O issued"


def test_codes_that_are_offered_say_what_they_mean_in_the_language() -> None:
    for name, code, *meanings in (
        ("currency", "USD", "US Dollar", "美元"),
        ("country", "NL", "Netherlands", "荷蘭"),
        ("unit", "KGM", "kilogram", "公斤"),
        ("package_type", "PX", "pallets", "托盤"),
    ):
        for language, meaning in zip(("en", "zh_Hant"), meanings, strict=True):
            assert f'value="{code}">{meaning}' in options_of(language, name)


def test_a_place_is_found_in_the_language_and_in_english_and_filled_in_as_documents_say_it() -> None:
    for asked in ("rotterdam", "鹿特丹"):
        (found,) = offers("unlocode", asked, language="zh_Hant")
        assert (found.code, found.text, found.also) == ("NLRTM", "鹿特丹，荷蘭", {"name": "Rotterdam", "country": "NL"})
    assert offers("unlocode", "鹿特丹") == []
