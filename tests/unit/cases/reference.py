"""The process tables, read the plain way: no index, no correlation, no effects but signals. A second opinion for tests."""

import re
from typing import Any

SIGNAL = re.compile(r"signal\(([\w.]+), (\w+)\)(?: when (\w+))?")
CLOSENESS = ["GUARD_FAILED", "OUT_OF_ORDER", "TERMINAL_STATE", "WRONG_SENDER"]


class Reference:
    """One instance of every process; guards are true or false as told."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.regions = {f"{p['id']}.{r['id']}": r for p in content["processes"] for r in p["regions"]}
        self.state = {key: region["initial"] for key, region in self.regions.items()}
        self.previous: dict[str, str] = {}

    def message(self, kind: str, function: str, role: str, truth: set[str]) -> str:
        """The error a message gets, or "" where something fired."""
        fired, errors, refused = [], [], False
        for key, region in self.regions.items():
            best, named = "", False
            for row in region["transitions"]:
                messages = row.get("message", [])
                if kind not in ([messages] if isinstance(messages, str) else messages):
                    continue
                named = True
                if function not in row.get("function", ["9"]) or self.state[key] not in row["from"]:
                    continue
                if role not in row["by"]:
                    best = best or "WRONG_SENDER"
                elif set(row["guards"]) <= truth:
                    fired.append((key, row))
                    break
                else:
                    best = "GUARD_FAILED"
            else:
                if named:
                    errors.append(best or ("TERMINAL_STATE" if self.state[key] in region["terminal"] else "OUT_OF_ORDER"))
                    refused = refused or (best == "GUARD_FAILED" and kind in region.get("insists", ()))
        if refused:
            return "GUARD_FAILED"
        queue: list[tuple[str, str]] = []
        for key, row in fired:
            self.fire(key, row, truth, queue)
        self.drain(queue, truth)
        return "" if fired else min(errors, key=CLOSENESS.index)

    def event(self, name: str, key: str, truth: set[str]) -> None:
        self.drain([(key, name)], truth)

    def fire(self, key: str, row: dict[str, Any], truth: set[str], queue: list[tuple[str, str]]) -> None:
        current = self.state[key]
        target = {"same": current, "previous": self.previous.get(key, current)}.get(row["to"], row["to"])
        if target != current:
            self.state[key], self.previous[key] = target, current
        for effect in row["effects"]:
            found = SIGNAL.fullmatch(effect)
            if found and (not found[3] or found[3] in truth):
                queue.append((found[1], found[2]))

    def drain(self, queue: list[tuple[str, str]], truth: set[str]) -> None:
        while queue:
            key, name = queue.pop(0)
            for row in self.regions[key]["transitions"]:
                if row.get("event") == name and self.state[key] in row["from"] and set(row["guards"]) <= truth:
                    self.fire(key, row, truth, queue)
                    break
