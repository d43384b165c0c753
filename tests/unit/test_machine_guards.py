"""Every guard holds where it should and fails where it should; nothing is assumed true."""

import pytest

from tests.unit.cases import guards_carriage, guards_commercial
from tests.unit.cases.ask import ask
from tests.unit.cases.documents import document
from tests.unit.cases.given import broken, given
from tradeflow.machine.load import machine
from tradeflow.model.finding import Finding, Severity

CASES = [*guards_commercial.CASES, *guards_carriage.CASES]


@pytest.mark.parametrize(("guard", "holds", "message", "asked"), CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)])
def test_guard(guard, holds, message, asked):
    assert ask(guard, message, **asked).holds is holds, ask(guard, message, **asked)


def plain_guards():
    """Guards made of fields, roles, states and rules only: their rows say what makes them hold."""
    simple = {
        "field_in",
        "field_starts",
        "field_present",
        "field_absent",
        "rules_hold",
        "documents_agree",
        "recipient_role",
        "region_in",
        "no_region_in",
    }
    for guard in machine().guards.values():
        if not guard.any and all(term.word.name in simple for term in guard.when):
            yield guard


def satisfying(guard):
    """A message and states in which every row of a plain guard holds."""
    fields, states, to = {}, {}, ("importer",)
    for term in guard.when:
        args = term.args
        match term.word.name:
            case "field_in":
                fields[args["path"]] = {"true": True, "false": False}.get(args["values"][0], args["values"][0])
            case "field_starts":
                fields[args["path"]] = args["prefix"]
            case "field_present":
                fields[args["path"]] = "x"
            case "recipient_role":
                to = (args["roles"][0],)
            case "region_in":
                states[args["region"]] = args["states"][0]
    return fields, states, to


@pytest.mark.parametrize("guard", [pytest.param(g, id=g.name) for g in plain_guards()])
def test_plain_guard_holds_as_its_row_says_and_fails_row_by_row(guard):
    fields, states, to = satisfying(guard)
    message = document("x", fields, to=to)
    assert ask(guard.name, message, trade=given(states)).holds
    for term in guard.when:
        assert not _spoilt(guard, term, fields, states, to).holds, term


def _spoilt(guard, term, fields, states, to):
    args = term.args
    match term.word.name:
        case "rules_hold":
            return ask(guard.name, document("x", fields, to=to), trade=given(states), findings=[broken(args["rules"][-1])])
        case "documents_agree":
            conflict = Finding(args["rules"][0], Severity.CONFLICT, "/x", "they disagree")
            return ask(guard.name, document("x", fields, to=to), trade=given(states), cross=[conflict])
        case "recipient_role":
            return ask(guard.name, document("x", fields, to=("trucker",)), trade=given(states))
        case "region_in":
            return ask(guard.name, document("x", fields, to=to))
        case "no_region_in":
            return ask(guard.name, document("x", fields, to=to), trade=given({args["region"]: args["states"][0]}))
        case "field_absent":
            return ask(guard.name, document("x", {**fields, args["path"]: "x"}, to=to), trade=given(states))
    return ask(guard.name, document("x", {k: v for k, v in fields.items() if k != args["path"]}, to=to), trade=given(states))


def test_every_guard_is_proved_both_ways():
    plain = {guard.name for guard in plain_guards()}
    for name in machine().guards.keys() - plain - {"notification_scheme"}:
        assert {holds for guard, holds, _, _ in CASES if guard == name} == {True, False}, name


def test_an_unknown_fact_is_not_true():
    """Without any document, term or state, only those guards hold that say what did not happen yet, or whom a party vouches for."""
    empty = {guard for guard in machine().guards if machine().guards[guard].when and ask(guard).holds}
    rules_only = {
        g.name for g in machine().guards.values() if {t.word.name for t in g.when} <= {"rules_hold", "documents_agree"} and not g.any
    }
    nothing_happened = {
        "not_shipped", "not_fully_shipped", "no_presentation_pending", "not_presented", "not_loaded", "no_hold", "guarantee_discharged",
        "event_informative", "connection_pending",
    }  # fmt: skip
    nothing_against = {
        "before_doc_cutoff", "before_fcl_cutoff", "charges_settled", "stock_available", "not_needed_for_lc", "no_discrepancies", "owes",
        "documents_still_held", "within_policy_limit", "floating_balance_remains", "complies_with_original", "licences_in_order",
        "all_processes_done", "invoice_payable_valid", "decrease_covered",
    }  # fmt: skip
    assert empty - rules_only - nothing_happened - nothing_against == set()
