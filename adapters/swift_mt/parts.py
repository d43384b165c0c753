"""A credit that goes on in further messages (MT 700 in 701, 707 in 708, 710 in 711), and the account before the name of a party."""

from collections.abc import Iterator
from dataclasses import replace

from tradeflow.adapters.swift_mt.rows import FACTS, tags_of
from tradeflow.adapters.swift_mt.text import Field, Fin, fault, misfit

from tradeflow.model.finding import Finding

FURTHER = {"700": "701", "707": "708", "710": "711"}
OWN = ("27", "20", "21", "23", "26E", "30")  # what every part repeats


def joined(found: list[Fin]) -> list[Fin]:
    """The messages, each with those that it goes on in as one; what is wrong with the parts stands in its faults."""
    made: list[list[Fin]] = []
    for fin in found:
        whole = made[-1] if made else []
        if whole and FURTHER.get(whole[0].number) == fin.number and _value(fin, "20") == _value(whole[0], "20"):
            whole.append(fin)
        else:
            made.append([fin])
    return [_whole(first, further) for first, *further in made]


def account(field: Field) -> tuple[str, str]:
    """The account in the first line of a field that names a party, and the rest of its text: an account is no name."""
    if "[/34x]" in FACTS["fields"].get(field.tag, "").replace("/34x$", "/34x]") and field.text.startswith("/"):
        first, _, rest = field.text.partition("\n")
        return (first, rest) if rest else ("", field.text)
    return "", field.text


def _whole(first: Fin, further: list[Fin]) -> Fin:
    faults = [wrong for fin in (first, *further) for wrong in _misfits(fin)]
    if first.number in FURTHER:
        faults += _counted([first, *further])
    fields = list(first.fields)
    for fin in further:
        for field in fin.fields:
            at = next((n for n, one in enumerate(fields) if one.tag == field.tag), None)
            if field.tag in OWN:
                continue
            if at is None:
                fields.append(field)
            else:
                fields[at] = replace(fields[at], text=f"{fields[at].text}\n{field.text}")
    if further:
        fields = [replace(field, text="1/1") if field.tag == "27" else field for field in fields]
    return replace(first, fields=tuple(fields), faults=tuple(faults))


def _counted(parts: list[Fin]) -> Iterator[Finding]:
    """Field 27 of each part: its number, and how many there are."""
    for number, fin in enumerate(parts, 1):
        said, wanted = _value(fin, "27"), f"{number}/{len(parts)}"
        if said and said != wanted:
            further = FURTHER[parts[0].number]
            what = f"Field 27 of MT {fin.number} says {said[:8]}; the file holds {len(parts)} of its parts, this is number {number}"
            yield fault(what, fin.line, f"Put the MT {parts[0].number} and all its MT {further} into one file, in order.", said[:8])


def _misfits(fin: Fin) -> Iterator[Finding]:
    """Fields that do not stand in the message, and texts that their formats do not allow."""
    known = tags_of(fin.number) if fin.number in FACTS["messages"] else ()
    for field in fin.fields:
        if known and field.tag not in known:
            yield fault(f"Field {field.tag} does not stand in MT {fin.number}", field.line)
        elif known and (wrong := misfit(field.text, FACTS["fields"][field.tag])):
            yield fault(f"Field {field.tag}: {wrong}", field.line)


def _value(fin: Fin, tag: str) -> str:
    return next((field.text for field in fin.fields if field.tag == tag), "")
