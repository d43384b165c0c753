"""Words about the message itself: its fields, its rules, its recipients, who sent it."""

from collections.abc import Sequence
from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.machine.case import Case, scalar
from tradeflow.machine.words import Verdict, misstated, word
from tradeflow.model.finding import Finding, Severity

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BLOCKING = frozenset({Severity.ERROR, Severity.CONFLICT})


@word()
def field_in(case: Case, path: str, values: list[str]) -> Verdict:
    """The value at a path of the message is one of these (true and false for yes and no)."""
    found = scalar(case.value(path))
    return Verdict(found in values, say("%(path)s is %(found)s", path=path, found=found or "not stated"), f"{path} = {' or '.join(values)}")


@word()
def field_starts(case: Case, path: str, prefix: str) -> Verdict:
    """The value at a path of the message starts with this prefix."""
    found = scalar(case.value(path))
    return Verdict(found.startswith(prefix), say("%(path)s is %(found)s", path=path, found=found or "not stated"), f"{path} = {prefix}…")


@word()
def field_present(case: Case, path: str) -> Verdict:
    """The message states something at this path."""
    found = case.value(path)
    return Verdict(
        found not in (None, "", []),
        say("%(path)s is %(words)s", path=path, words="stated" if found not in (None, "", []) else "not stated"),
        say("state %(path)s", path=path),
    )


@word()
def field_absent(case: Case, path: str) -> Verdict:
    """The message states nothing at this path."""
    found = case.value(path)
    return Verdict(
        found in (None, "", []),
        say("%(path)s is %(words)s", path=path, words="stated" if found not in (None, "", []) else "not stated"),
        say("leave %(path)s out", path=path),
    )


@word()
def rules_hold(case: Case, rules: list[str]) -> Verdict:
    """No finding of these rules on the message refuses it; a rule has parts (M-INS-02, M-INS-02b), all of them count."""
    return _judge([f for f in case.findings if f.rule.rstrip(LETTERS) in rules], rules)


@word(reads_args=["documents"])
def documents_agree(case: Case, rules: list[str], documents: list[str]) -> Verdict:
    """No finding of these cross-document rules over the trade's documents, the message among them, blocks it; accepted ones do not."""
    return _judge([f for f in case.cross(rules) if not case.state.accepts(f.id)], rules)


def _judge(findings: Sequence[Finding], rules: list[str]) -> Verdict:
    wrong = tuple(f for f in findings if f.severity in BLOCKING)
    if not wrong:
        return Verdict(True, say("%(rules)s hold", rules=", ".join(rules)))
    return Verdict(False, "; ".join(f"{f.rule}: {f.message}" for f in wrong[:3]), "correct the places named in the findings", wrong)


@word()
def sums_agree(case: Case, total: str, parts: list[str], only: str = "") -> Verdict:
    """The number at `total` is the sum of all numbers at `parts` (paths with []); only: asked of this message type alone."""
    if only and (case.document is None or case.document.type != only):
        return Verdict(True, say("not a %(only)s", only=only))
    stated = case.value(total)
    added = sum((Decimal(v) for path in parts for _, v in (case.document.each(path) if case.document else ())), Decimal(0))
    return Verdict(
        stated == added,
        say("%(total)s is %(scalar)s, its parts add up to %(added)s", total=total, scalar=scalar(stated) or "not stated", added=added),
        f"{total} = {added}",
    )


@word()
def recipient_role(case: Case, roles: list[str]) -> Verdict:
    """At least one recipient is addressed in one of these roles."""
    found = case.envelope.recipient_roles if case.envelope else set()
    return Verdict(
        bool(found & set(roles)),
        say("addressed to %(found)s", found=", ".join(sorted(found)) or "nobody"),
        say("address it to %(roles)s", roles=" or ".join(roles)),
    )


@word()
def sender_role(case: Case, roles: list[str]) -> Verdict:
    """The sender acts in one of these roles."""
    found = case.envelope.role if case.envelope else case.raised.role if case.raised else ""
    return Verdict(
        found in roles, say("sent as %(found)s", found=found or "nobody"), say("to be sent by %(roles)s", roles=" or ".join(roles))
    )


@word()
def asserted_by(case: Case, roles: list[str]) -> Verdict:
    """A fact only one party can know: it vouches for it by lodging this message in one of these roles; the hub cannot check it."""
    found = case.envelope.role if case.envelope else ""
    return Verdict(
        found in roles, say("vouched for by %(found)s", found=found or "nobody"), say("to be lodged by %(roles)s", roles=" or ".join(roles))
    )


@word()
def other_party(case: Case, answers: str) -> Verdict:
    """The document answered (a reference at this path) was lodged by another role than the sender's."""
    kind, number = case.value(f"{answers}.type"), case.value(f"{answers}.number")
    entry = case.state.documents.get(f"{kind}:{number}")
    author = entry.role if entry else case.here.last_sender
    mine = case.envelope.role if case.envelope else ""
    says = (
        say("%(kind)s %(number)s is of the %(author)s", kind=kind, number=number, author=author)
        if entry
        else say("the last word was the %(author)s's", author=author or "nobody")
    )
    return Verdict(bool(author) and author != mine, says, "the other party has to answer")


@word(reads_args=["of"])
def same_values(case: Case, of: str, paths: list[str]) -> Verdict:
    """The message says the same as the newest document of that type at every one of these paths."""
    other = case.stored(of)
    if other is None:
        return Verdict(False, say("there is no %(of)s in this trade", of=of), say("lodge the %(of)s first", of=of))
    differing = [p for p in paths if case.value(p) != other.get(p)]
    wrong = [
        say("%(p)s: %(scalar)s against %(scalar2)s", p=p, scalar=scalar(case.value(p)) or "-", scalar2=scalar(other.get(p)) or "-")
        for p in differing
    ]
    findings = tuple(misstated("M-LC-14", p, case.value(p), other.get(p), f"{of} {other.number}#/{p.replace('.', '/')}") for p in differing)
    return Verdict(
        not wrong,
        "; ".join(wrong) or say("agrees with %(of)s %(number)s", of=of, number=other.number),
        say("state what %(of)s %(number)s states", of=of, number=other.number),
        findings,
    )
