"""What only the state of the trade can tell: who holds which role, which documents it knows, which version is due."""

from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.incoterms import TERMS


@word("holds_role")
def holds_role(place: Place, party_id: Path, roles: tuple[str, ...]) -> Faults:
    """The party takes part in the trade in one of these roles."""
    state, party = place.context.state, party_id.of(place)
    if state is None:
        return
    held = state.roles_of(party)
    if not held & set(roles):
        yield Fault(party_id, party, list(roles), f"{party} takes part as {shown(sorted(held))}, not as {shown(roles)}.")


@word("version_follows")
def version_follows(place: Place, number: Path, version: Path, function: Path) -> Faults:
    """An original (9) has version 1, a change (4) or replacement (5) the stored one plus one; functions 1, 7 and 31 repeat it."""
    context, given, act = place.context, version.of(place), function.of(place)
    entry = context.state.documents.get(f"{context.document.type}:{number.of(place)}") if context.state else None
    if act == "9":
        due, why = 1, "An original is version 1"
    elif act in ("4", "5"):
        if entry is None and (given > 1 or context.state is None):
            return  # what it changes is not known here; the process refuses it if it must be
        due = entry.version + 1 if entry else 2
        why = f"Version {due - 1} is stored; a change of it is version {due}"
    elif act in ("1", "7", "31") and entry is not None:
        due, why = entry.version, f"Version {entry.version} is stored and is what is meant"
    else:
        return
    if given != due:
        yield Fault(version, given, due, f"{why}, not {given}.")


@word("repeats_stored")
def repeats_stored(place: Place, number: Path) -> Faults:
    """A document sent again under its number has the content that is stored."""
    context, value = place.context, number.of(place)
    entry = context.state.documents.get(f"{context.document.type}:{value}") if context.state else None
    if entry is not None and entry.payload_sha256 != context.document.payload_sha256:
        found, stored = context.document.payload_sha256, entry.payload_sha256
        yield Fault(number, found, stored, f"{value} as stored has SHA-256 {stored[:12]}..., this one {found[:12]}....")


@word("reference_known")
def reference_known(place: Place, type: Path, number: Path) -> Faults:
    """A reference to a document of the trade names one that was lodged; foreign documents (UNCL 1001 numbers) are not looked for."""
    state, kind, value = place.context.state, str(type.of(place)), number.of(place)
    if state is not None and not kind.isdigit() and f"{kind}:{value}" not in state.documents:
        yield Fault(number, value, None, f"No {kind} {value} has been lodged in this trade.")


@word("reference_hash")
def reference_hash(place: Place, hash: Path, type: Path, number: Path) -> Faults:
    """A hash given with a reference is that of the stored document, with or without its envelope."""
    state, stated = place.context.state, hash.of(place)
    entry = state.documents.get(f"{type.of(place)}:{number.of(place)}") if state else None
    if entry is not None and stated not in (entry.sha256, entry.payload_sha256):
        yield Fault(hash, stated, entry.payload_sha256, f"{number.of(place)} is stored as {entry.payload_sha256}.")


@word("reference_in_force")
def reference_in_force(place: Place, version: Path, type: Path, number: Path) -> Faults:
    """A reference that names a version names the newest one lodged."""
    state, stated = place.context.state, version.of(place)
    entry = state.documents.get(f"{type.of(place)}:{number.of(place)}") if state else None
    if entry is not None and entry.version != stated:
        yield Fault(version, stated, entry.version, f"Version {entry.version} of {number.of(place)} is in force, not {stated}.")


@word("may_insure")
def may_insure(place: Place, party_id: Path) -> Faults:
    """Who proposes cover is the seller under CIF, CIP and D rules, the buyer under the others, or somebody acting for them."""
    state, party = place.context.state, party_id.of(place)
    term = state.terms.get("incoterm") if state else None
    if state is None or term not in TERMS:
        return
    role = "exporter" if TERMS[term].seller_insures or term[0] == "D" else "importer"
    held = state.roles_of(party)
    if held & {"exporter", "importer"} and role not in held:
        yield Fault(party_id, party, role, f"Under {term} the {role} insures or bears the risk; {party} is {shown(sorted(held))}.")
