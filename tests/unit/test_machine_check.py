"""A bad process table cannot start: every kind of defect is found, with the line to look at."""

import functools
import pickle
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.errors import ContentError
from tradeflow.machine.check import check_workflows
from tradeflow.machine.load import from_content, read

LOADS = tomllib.loads
GOODS, CONTRACT, LC, PAYMENT, TRANSPORT = (f"{p}/process.toml" for p in ("goods", "contract", "lc", "payment", "transport"))
GUARDS, EVENTS, DEPENDENCIES, VISIBILITY, ERRORS, KINDS = (
    f"_common/{n}.toml" for n in ("guards", "events", "dependencies", "visibility", "errors", "kinds")
)
FIRST = 'id = "p4.t01", from = ["preparing"], message = "packing_list", by = ["exporter"], to = "packed"'

# what is spoilt: file, text, its replacement, what the defect says; the line is that of the replacement unless text for it is given
SEEDED = [
    ("toml", GOODS, "number = 4", "number = = 4", "not valid TOML"),
    ("process key", GOODS, "multiplicity =", "multiplicty =", "unknown key multiplicty"),
    ("process key missing", GOODS, "multiplicity =", "multiplicty =", "multiplicity is missing", "number = 4"),
    ("region key", GOODS, 'goal = ["ready", "dispatched"]', 'goals = ["ready", "dispatched"]', "unknown key goals"),
    ("state key", GOODS, '{ id = "packed", meaning', '{ id = "packed", means', "unknown key means"),
    ("transition key", GOODS, FIRST, FIRST + ', note = "x"', "transition p4.t01: unknown key note"),
    ("transition key missing", GOODS, FIRST, FIRST.replace("by = ", "bye = "), "transition p4.t01: by is missing"),
    ("duplicate state", GOODS, '{ id = "invoiced", meaning', '{ id = "packed", meaning', "state packed stands 2 times"),
    ("duplicate transition", GOODS, 'id = "p4.t02"', 'id = "p4.t01"', "transition p4.t01 stands twice"),
    ("duplicate timer", LC, 'id = "p3_expiry"', 'id = "p3_issue_due"', "timer p3_issue_due stands twice"),
    ("duplicate process", GOODS, "number = 4", "number = 1", "has number 1, as contract has"),
    ("initial unknown", GOODS, 'initial = "preparing"', 'initial = "prepared"', "initial names unknown state prepared"),
    ("goal unknown", GOODS, 'goal = ["ready", "dispatched"]', 'goal = ["ready", "sent"]', "goal names unknown state sent"),
    ("terminal unknown", GOODS, 'terminal = ["dispatched", "cancelled"]', 'terminal = ["dispatched", "gone"]', "terminal names unknown state gone"),
    ("from unknown", GOODS, FIRST, FIRST.replace('from = ["preparing"]', 'from = ["preparing", "nowhere"]'), "from names unknown state nowhere"),
    ("to unknown", GOODS, FIRST, FIRST.replace('to = "packed"', 'to = "boxed"'), "to names unknown state boxed"),
    ("leaves terminal", GOODS, FIRST, FIRST.replace('from = ["preparing"]', 'from = ["preparing", "cancelled"]'), "leaves terminal state cancelled"),
    ("unreachable", GOODS, 'to = "invoiced", guards = ["contract_agreed"', 'to = "same", guards = ["contract_agreed"', "state invoiced cannot be reached",
     '{ id = "invoiced", meaning'),
    ("dead end", GOODS, 'goal = ["ready", "dispatched"]\nterminal = ["dispatched", "cancelled"]', 'goal = ["ready", "dispatched"]\nterminal = ["dispatched"]',
     "state cancelled has no way out", '{ id = "cancelled", meaning'),
    ("message and event", GOODS, FIRST, FIRST + ', event = "goods_ready"', "needs exactly one of message and event"),
    ("neither", GOODS, FIRST, FIRST.replace('message = "packing_list", ', ""), "needs exactly one of message and event"),
    ("unknown message", GOODS, FIRST, FIRST.replace('"packing_list"', '"packing_note"'), "unknown message packing_note"),
    ("unknown event", GOODS, 'event = "contract_cancelled"', 'event = "contract_gone"', "unknown event contract_gone"),
    ("unknown role", GOODS, FIRST, FIRST.replace('"exporter"', '"exporter", "vendor"'), "unknown role vendor"),
    ("unknown actor", GOODS, 'actors = ["exporter", "importer"', 'actors = ["vendor", "importer"', "process goods: unknown role vendor"),
    ("event by a party", GOODS, 'event = "contract_cancelled", by = ["platform"]', 'event = "contract_cancelled", by = ["importer"]', "raised by the platform"),
    ("wrong sender", GOODS, FIRST, FIRST.replace('"exporter"', '"exporter", "trucker"'), "packing_list is never sent by trucker"),
    ("no sender", GOODS, 'message = ["packing_list", "commercial_invoice"], function = ["5"], by = ["exporter"]',
     'message = ["packing_list", "commercial_invoice"], function = ["5"], by = ["trucker"]', "commercial_invoice is never sent by trucker"),
    ("unknown function", GOODS, 'function = ["5"]', 'function = ["55"]', "unknown function 55"),
    ("process not listed", GOODS, FIRST, FIRST.replace('"packing_list"', '"purchase_order"').replace('"exporter"', '"importer"'),
     "purchase_order does not list process 4"),
    ("unknown guard", GOODS, 'guards = ["contract_agreed", "packing_valid"', 'guards = ["contract_agreed", "packing_ok"', "unknown guard packing_ok"),
    ("unknown guard in effect", CONTRACT, ('"start(lc) when payment_is_lc", "start(insurance) when insurance_wanted", "start(inspection) when inspection_wanted",'
     ' "start(regulatory.licence) when controlled_goods", "start(regulatory.notification) when notification_scheme", "start(regulatory.origin) when'
     ' origin_wanted", "start(goods)", "start(settlement)"] },\n  { id = "p1.t06"'), '"start(lc) when payment_is_credit"] },\n  { id = "p1.t06"',
     "unknown guard payment_is_credit", 'id = "p1.t05"'),
    ("effect syntax", GOODS, '"start(declaration)"] },\n  { id = "p4.t04"', '"start declaration"] },\n  { id = "p4.t04"', "is not an effect", 'id = "p4.t03"'),
    ("effect verb", GOODS, '"start(declaration)"] },\n  { id = "p4.t04"', '"begin(declaration)"] },\n  { id = "p4.t04"', "is not an effect", 'id = "p4.t03"'),
    ("signal arguments", LC, "signal(lc.amendment, credit_closed)", "signal(lc.amendment)", "has 1 arguments"),
    ("start unknown", GOODS, '"start(declaration)"] },\n  { id = "p4.t04"', '"start(customs)"] },\n  { id = "p4.t04"', "unknown region customs", 'id = "p4.t03"'),
    ("signal region", LC, "signal(lc.amendment, credit_closed)", "signal(lc.amendments, credit_closed)", "unknown region lc.amendments"),
    ("signal event", LC, "signal(lc.amendment, credit_closed)", "signal(lc.amendment, credit_over)", "unknown event credit_over"),
    ("signal unheard", LC, "signal(lc.amendment, credit_closed)", "signal(lc.amendment, lc_expired)", "lc.amendment does not expect lc_expired"),
    ("arm unknown", LC, '"arm(p3_issue_due)"', '"arm(p3_due)"', "unknown timer p3_due"),
    ("disarm unknown", LC, '"disarm(p3_issue_due)"', '"disarm(p3_due)"', "unknown timer p3_due"),
    ("never armed", LC, '"arm(p3_issue_due)"', '"disarm(p3_issue_due)"', "timer p3_issue_due is never armed", 'id = "p3_issue_due"'),
    ("require unknown", TRANSPORT, "require(pre_alert_package)", "require(pre_alert)", "unknown message pre_alert"),
    ("notify unknown", LC, '"notify(importer)"] },\n  { id = "p3.t04"', '"notify(buyer)"] },\n  { id = "p3.t04"', "unknown role buyer", 'id = "p3.t03"'),
    ("charge unknown", "insurance/process.toml", 'guards = ["response_accepted"], effects = ["charge(INSURANCE_PREMIUM)"]',
     'guards = ["response_accepted"], effects = ["charge(PREMIUM)"]', "unknown payable kind PREMIUM"),
    ("title word", TRANSPORT, '"pass_title(endorsee)"', '"pass_title(buyer)"', "unknown word for a holder buyer"),
    ("container word", TRANSPORT, '"container(load)"', '"container(lift)"', "unknown word for a container lift"),
    ("set value", TRANSPORT, "set(hold.carrier, true)", "set(hold.carrier, yes)", "unknown value yes"),
    ("timer event", CONTRACT, 'fires = "validity_lapsed"', 'fires = "validity_over"', "unknown event validity_over"),
    ("timer unheard", CONTRACT, 'fires = "validity_lapsed"', 'fires = "maturity_reached"', "nothing in contract expects maturity_reached"),
    ("timer due key", CONTRACT, 'due = { until = ["valid_until"], days = 7 }', 'due = { until = ["valid_until"], dayz = 7 }', "unknown field `dayz`"),
    ("timer due type", CONTRACT, 'due = { until = ["valid_until"], days = 7 }', 'due = { until = ["valid_until"], days = "7" }', "Expected `int`"),
    ("timer due unit", LC, 'unit = "BANKING"', 'unit = "BANK"', "Invalid enum value"),
    ("timer without end", CONTRACT, 'due = { until = ["valid_until"], days = 7 }', 'due = { unit = "BANKING" }', "due says no end"),
    ("timer document", LC, 'due = { of = ["lc_amendment", "letter_of_credit"], until = ["new_expiry"', 'due = { of = ["lc_change"], until = ["new_expiry"',
     "unknown message lc_change"),
    ("ambiguous, unguarded first", GOODS, 'to = "packed", guards = ["contract_agreed", "packing_valid", "quantities_within_order"], effects = [] },',
     ('to = "packed", guards = [], effects = [] },\n  { id = "p4.t09", from = ["preparing"], message = "packing_list", by = ["exporter"], to = "ready",'
     ' guards = ["packing_valid"], effects = [] },'), "ambiguous: p4.t01 comes first", 'id = "p4.t09"'),
    ("ambiguous, same guards", GOODS, 'to = "packed", guards = ["contract_agreed", "packing_valid", "quantities_within_order"], effects = [] },',
     ('to = "packed", guards = ["packing_valid"], effects = [] },\n  { id = "p4.t09", from = ["preparing"], message = "packing_list", by = ["exporter"],'
     ' to = "ready", guards = ["packing_valid", "contract_agreed"], effects = [] },'), "ambiguous", 'id = "p4.t09"'),
    ("guard word", GUARDS, 'word = "mirrors", rules = ["M-PO-06"], equal = true', 'word = "mirrored", rules = ["M-PO-06"], equal = true', "guard terms_match: unknown word mirrored"),
    ("guard argument", GUARDS, 'word = "mirrors", rules = ["M-PO-06"], equal = true', 'word = "mirrors", rules = ["M-PO-06"], equals = true', "mirrors takes no argument equals"),
    ("guard argument missing", GUARDS, 'word = "mirrors", rules = ["M-PO-06"], equal = true', 'word = "mirrors", rules = ["M-PO-06"]', "mirrors needs equal"),
    ("guard argument type", GUARDS, 'word = "mirrors", rules = ["M-PO-06"], equal = true', 'word = "mirrors", rules = ["M-PO-06"], equal = "yes"', "mirrors: equal is not true or false"),
    ("guard list type", GUARDS, 'path = "response.code", values = ["AP"]', 'path = "response.code", values = "AP"', "values is not a list of text"),
    ("guard empty", GUARDS, 'when = [{ word = "mirrors", rules = ["M-PO-06"], equal = true }]', "when = []", "guard terms_match has no condition"),
    ("guard key", GUARDS, 'terms_match = { text', 'terms_match = { unless = 1, text', "guard terms_match: unknown key unless"),
    ("guard text", GUARDS, "terms_match = { text =", "terms_match = { texts =", "guard terms_match: text is missing"),
    ("guard error", GUARDS, 'error = "NOT_HOLDER"', 'error = "NOT_THE_HOLDER"', "unknown error NOT_THE_HOLDER"),
    ("guard path", GUARDS, 'path = "response.code", values = ["AP"]', 'path = "response.kode", values = ["AP"]', "a guard reads response.kode",
     "", CONTRACT),
    ("guard unused", GUARDS, "terms_differ = {", 'never_asked = { text = "x", when = [{ word = "mirrors", rules = ["M-PO-06"], equal = true }] }\nterms_differ = {',
     "guard never_asked is used by no transition"),
    ("event unused", EVENTS, "trade_settled = {", 'something_else = { source = "signal", text = "x" }\ntrade_settled = {',
     "event something_else is expected by no transition"),
    ("event source", EVENTS, 'no_house = { source = "operator"', 'no_house = { source = "somebody"', "event no_house: source is none of"),
    ("event role", EVENTS, 'by = ["freight_forwarder", "exporter"]', 'by = ["freight_forwarder", "vendor"]', "event no_house: unknown role vendor"),
    ("event key", EVENTS, 'trade_settled = { source', 'trade_settled = { sauce = 1, source', "unknown field `sauce`"),
    ("error key", ERRORS, "SCHEMA_INVALID = { http = 422", 'SCHEMA_INVALID = { http = "422"', "Expected `int`"),
    ("out_of_order error", GOODS, 'error = "DEPENDENCY_OPEN"', 'error = "TOO_EARLY"', "unknown error TOO_EARLY"),
    ("refuse state", GOODS, 'state = ["dispatched"], on = "packing_list"', 'state = ["sent"], on = "packing_list"', "refuse names unknown state sent"),
    ("refuse message", GOODS, 'state = ["dispatched"], on = "packing_list"', 'state = ["dispatched"], on = "packing_note"', "unknown message packing_note"),
    ("refuse contradicts", GOODS, 'state = ["dispatched"], on = "packing_list"', 'state = ["preparing"], on = "packing_list"', "but p4.t01 accepts it"),
    ("refuse key", GOODS, 'on = "packing_list", because', 'on = "packing_list", why', "unknown field `why`"),
    ("refuse error", CONTRACT, 'to answer", error = "CORRELATION_NOT_FOUND"', 'to answer", error = "NOTHING_THERE"', "unknown error NOTHING_THERE"),
    ("decides", TRANSPORT, 'decides = ["title_transfer"]', 'decides = ["packing_list"]', "decides on packing_list, which none of its transitions names"),
    ("decides unknown", TRANSPORT, 'decides = ["title_transfer"]', 'decides = ["transfer"]', "unknown message transfer"),
    ("decided_by", "settlement/process.toml", 'decided_by = ["issuing_bank"], to = "must_honour"', 'decided_by = ["bank"], to = "must_honour"', "unknown role bank"),
    ("dependency process", DEPENDENCIES, 'from = "contract", to = "lc"', 'from = "contract", to = "credit"', "unknown process credit"),
    ("dependency guard", DEPENDENCIES, 'to = "lc", kind = "hard", when = "payment_is_lc"', 'to = "lc", kind = "hard", when = "by_credit"', "unknown guard by_credit"),
    ("dependency gate", DEPENDENCIES, 'gate = "lc.credit"', 'gate = "lc.credits"', "unknown region lc.credits"),
    ("dependency key", DEPENDENCIES, 'kind = "hard", when = "payment_is_lc", text = "no credit', 'kind = "hard", if = "payment_is_lc", text = "no credit',
     "unknown field `if`"),
    ("visibility role", VISIBILITY, "[exporter]", "[vendor]", "visibility: unknown role vendor"),
    ("visibility region", VISIBILITY, '["transport.release"]', '["transport.releases"]', "there is no region transport.releases"),
    ("visibility message", VISIBILITY, 'messages = ["proforma_invoice"]', 'messages = ["proforma"]', "unknown message proforma"),
    ("visibility gap", VISIBILITY, "[container_depot]", "[container_depots]", "nothing says what container_depot sees", "# What each role sees of a trade"),
    ("redact message", VISIBILITY, 'messages = ["lc_application"], fields', 'messages = ["lc_applications"], fields', "unknown message lc_applications"),
    ("redact field", VISIBILITY, 'fields = ["profit_share"]', 'fields = ["profits"]', "no message it is about has a field profits"),
    ("redact kind", VISIBILITY, 'kinds = ["premium"]', 'kinds = ["premiums"]', "unknown kind premiums"),
    ("redact payable", VISIBILITY, 'payables = ["DUTY_TAX"]', 'payables = ["DUTIES"]', "unknown payable kind DUTIES"),
    ("redact nothing", VISIBILITY, 'kinds = ["premium"], text', "text", "takes nothing away"),
    ("redact unless", VISIBILITY, 'unless = "customs_broker"', 'unless = "broker"', "unless broker is neither addressed, a role"),
    ("redact key", VISIBILITY, 'kinds = ["premium"], text', 'kind = ["premium"], text', "unknown field `kind`"),
    ("kind type", KINDS, 'types = ["Party"]', 'types = ["Partner"]', "kind parties: unknown type Partner"),
    ("kind path", KINDS, '"totals.total", "charges"', '"totals.sum", "charges"', "no message it is about has a field totals.sum"),
    ("kind kind", KINDS, 'kinds = ["prices"]', 'kinds = ["price"]', "kind values: unknown kind price"),
    ("again", "settlement/process.toml", 'collection = "awaiting_documents"', 'collection = "awaiting"', "cannot begin in collection awaiting"),
    ("after state", "trade/process.toml", "after = { completed", "after = { finished", "finished is no terminal state"),
    ("answers path", CONTRACT, 'order_response = "answers"', 'order_response = "answered"', "order_response has no answered"),
    ("answers message", CONTRACT, 'order_response = "answers"', 'order_reply = "answers"', "unknown message order_reply"),
    ("payable kind", PAYMENT, 'GOODS = "goods"', 'WARES = "goods"', "unknown payable kind WARES"),
    ("kinds message", PAYMENT, 'insurer_invoice = "INSURANCE_PREMIUM"', 'insurer_bill = "INSURANCE_PREMIUM"', "unknown message insurer_bill"),
    ("parent by message", "trade/process.toml", 'event = "lc_failed", by = ["platform"]', 'message = "packing_list", by = ["exporter"]', "moves on events only"),
    ("signal loop", LC, 'from = ["idle", "asked", "requested", "awaiting_beneficiary"], event = "credit_closed", by = ["platform"], to = "closed", guards = [], effects = []',
     ('from = ["idle", "asked", "requested", "awaiting_beneficiary"], event = "credit_closed", by = ["platform"], to = "same", guards = [],'
     ' effects = ["signal(lc.amendment, credit_closed)"]'), "signals go round"),
    ("clock left running", "settlement/process.toml", '"disarm(p8_maturity)", ', "", "p8_maturity runs on after p8.s28", 'id = "p8_maturity"'),
    ("kept in", PAYMENT, 'kept_in = ["disputed"', 'kept_in = ["quarrelled"', "kept_in names unknown state quarrelled", 'id = "p10_due"'),
    ("reminder left running", TRANSPORT, '"disarm(p3_latest_shipment) when shipped_whole", ', "", "p3_latest_shipment only reminds", 'id = "p3_latest_shipment"', LC),
]  # fmt: skip


@functools.cache
def parsed(text: str) -> bytes:
    """A file in TOML, read once: of the many in a copy one is spoilt, and the others are as they were."""
    return pickle.dumps(LOADS(text))


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the installed process tables."""
    shutil.copytree(bundle_root() / "workflows", tmp_path / "workflows", ignore=shutil.ignore_patterns("histories", "scenarios"))
    monkeypatch.setattr(tomllib, "loads", lambda text: pickle.loads(parsed(text)))  # noqa: S301 - what was pickled here
    return tmp_path


def spoil(root: Path, file: str, old: str, new: str) -> tuple[Path, int]:
    """Replace the first occurrence; the file and the line where the replacement begins to differ."""
    path = root / "workflows" / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    at = text.index(old) + next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text.count("\n", 0, at) + 1


def test_the_installed_tables_are_sound():
    assert [str(d) for d in check_workflows()] == []


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in SEEDED])
def test_a_seeded_defect_is_found_at_its_line(content, row):
    _, file, old, new, says, *where = row
    path, line = spoil(content, file, old, new)
    if where and where[0]:  # it is told elsewhere than where it was made
        path = content / "workflows" / where[1] if len(where) == 2 else path
        line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if where[0] in text)
    found = check_workflows([content])
    hits = [d for d in found if says in d.what]
    assert hits, [str(d) for d in found]
    if len(where) == 2 and not where[0]:
        assert any(d.file.endswith(where[1]) for d in hits)
    else:
        assert (str(path), line) in {(d.file, d.line) for d in hits}, [str(d) for d in hits]
    assert re.fullmatch(r".+:\d+: .+", str(hits[0]))


def test_at_least_forty_kinds_of_defect_are_known():
    assert len({row[0] for row in SEEDED}) >= 40


def test_all_defects_are_reported_at_once(content):
    for _, file, old, new, _, *_ in (r for r in SEEDED if r[0] in {"unknown role", "guard word", "event source", "timer without end"}):
        spoil(content, file, old, new)
    said = "\n".join(str(d) for d in check_workflows([content]))
    for part in ("unknown role vendor", "unknown word mirrored", "event no_house", "due says no end"):
        assert part in said


def test_a_message_no_process_uses_is_reported(content):
    spoil(content, PAYMENT, 'message = "remittance_advice"', 'message = "payment_instruction"')
    said = [str(d) for d in check_workflows([content])]
    assert any("documents/remittance_advice/message.toml:1: message remittance_advice is used by no transition" in line for line in said)


def test_a_later_root_may_add_but_not_override(content):
    assert any("process goods is already defined" in d.what for d in check_workflows([bundle_root(), content]))
    with pytest.raises(ContentError, match="already defined in an earlier root"):
        read([bundle_root(), content])


def test_what_cannot_be_compiled_is_a_content_error(content):
    spoil(content, GUARDS, 'word = "mirrors", rules = ["M-PO-06"], equal = true', 'word = "mirrored", rules = ["M-PO-06"], equal = true')
    with pytest.raises(ContentError, match="tradeflow check"):
        from_content(read([content]))
