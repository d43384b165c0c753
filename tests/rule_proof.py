"""The inventory of rule rows and the list of their words, kept as files: `python -m tests.rule_proof` writes both anew."""

import sys
from pathlib import Path

from tradeflow.app.proof import Proof, proofs, tree
from tradeflow.bundle import bundle_root
from tradeflow.rules.words import vocabulary

__all__ = ["INVENTORY", "README", "Proof", "inventory", "proofs", "tree", "words"]
INVENTORY = Path(__file__).parent / "contract" / "rules.txt"
README = bundle_root() / "documents" / "_common" / "rules" / "README.md"


def inventory() -> list[str]:
    """One line for every row there is: file, id, severity, word."""
    documents = bundle_root() / "documents"
    rows = [proof.row for proof in proofs()]
    return sorted(f"{Path(row.file).relative_to(documents)} {row.id} {row.severity} {row.check}" for row in rows)


def words() -> str:
    """The vocabulary as the README lists it: word, what a row gives it, what it promises."""
    rows = []
    for name, word in sorted(vocabulary().items()):
        given = ", ".join(argument if argument in word.required else f"[{argument}]" for argument in word.arguments)
        rows.append(f"| `{name}` | {given} | {word.promise} |\n")
    return "| word | arguments | what holds |\n| --- | --- | --- |\n" + "".join(rows)


if __name__ == "__main__":
    INVENTORY.write_text("".join(f"{line}\n" for line in inventory()), encoding="utf-8")
    head, mark, _ = README.read_text(encoding="utf-8").partition("## Words\n\n")
    README.write_text(head + mark + words(), encoding="utf-8")
    sys.stdout.write(f"{len(inventory())} rows in {INVENTORY}, {len(vocabulary())} words in {README}\n")
