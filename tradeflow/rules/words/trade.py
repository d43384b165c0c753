"""What only the state of the trade can tell: who holds which role, which documents it knows, which version is due."""

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.incoterms import TERMS


@word("holds_role")
def holds_role(place: Place, party_id: Path, roles: tuple[str, ...], strangers: bool = False) -> Faults:
    """The party takes part in the trade in one of these roles; where `strangers` may stand there too, only who takes part is judged."""
    state, party = place.context.state, party_id.of(place)
    if state is None:
        return
    held = state.roles_of(party)
    if not held & set(roles) and (held or not strangers):
        yield Fault(
            party_id,
            party,
            list(roles),
            say("%(party)s takes part as %(held)s, not as %(roles)s.", party=party, held=shown(sorted(held)), roles=shown(roles)),
        )


@word("reference_known")
def reference_known(place: Place, type: Path, number: Path) -> Faults:
    """A reference to a document of the trade names one that was lodged; foreign documents (UNCL 1001 numbers) are not looked for."""
    state, kind, value = place.context.state, str(type.of(place)), number.of(place)
    if state is not None and not kind.isdigit() and f"{kind}:{value}" not in state.documents:
        yield Fault(number, value, None, say("No %(kind)s %(value)s has been lodged in this trade.", kind=kind, value=value))


@word("reference_hash")
def reference_hash(place: Place, hash: Path, type: Path, number: Path) -> Faults:
    """A hash given with a reference is that of the stored document, with or without its envelope."""
    state, stated = place.context.state, hash.of(place)
    entry = state.documents.get(f"{type.of(place)}:{number.of(place)}") if state else None
    if entry is not None and stated not in (entry.sha256, entry.payload_sha256):
        yield Fault(
            hash,
            stated,
            entry.payload_sha256,
            say("%(of)s is stored as %(payload_sha256)s.", of=number.of(place), payload_sha256=entry.payload_sha256),
        )


@word("reference_in_force")
def reference_in_force(place: Place, version: Path, type: Path, number: Path) -> Faults:
    """A reference that names a version names the newest one lodged."""
    state, stated = place.context.state, version.of(place)
    entry = state.documents.get(f"{type.of(place)}:{number.of(place)}") if state else None
    if entry is not None and entry.version != stated:
        yield Fault(
            version,
            stated,
            entry.version,
            say("Version %(version)s of %(of)s is in force, not %(stated)s.", version=entry.version, of=number.of(place), stated=stated),
        )


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
        yield Fault(
            party_id,
            party,
            role,
            say(
                "Under %(term)s the %(role)s insures or bears the risk; %(party)s is %(held)s.",
                term=term,
                role=role,
                party=party,
                held=shown(sorted(held)),
            ),
        )
