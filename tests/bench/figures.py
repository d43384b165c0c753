"""What was measured: rows of name, value, unit, baseline and ratio, as one table and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `baseline` is what it is held against, in the same unit; which one that is, the heading of its section says."""

    name: str
    value: float
    unit: str
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value in terms of its baseline."""
        return self.value / self.baseline if self.baseline else None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading."""

    heading: str
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a load: how long it took, how long each message took, what was answered, and the CPU of whoever made the load."""

    seconds: float
    latencies_ms: list[float]
    statuses: dict[int, int]
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.latencies_ms) / self.seconds


def rate(runs: Sequence[Measured]) -> float:
    """Messages a second: the median of the rounds."""
    return median(run.rate for run in runs)


def percentile(runs: Sequence[Measured], share: float) -> float:
    """The latency in milliseconds that this share of the messages of all rounds did not exceed."""
    return percentile_of([latency for run in runs for latency in run.latencies_ms], share)


def percentile_of(values: Sequence[float], share: float) -> float:
    """The value that this share of them did not exceed."""
    return sorted(values)[min(round(share * len(values)), len(values) - 1)]


def table(sections: Iterable[Section]) -> str:
    """All sections as one table for people."""
    return "\n".join(_lines(list(sections)))


def write(sections: Iterable[Section], path: Path) -> None:
    """All rows as a JSON list of name, value, unit, baseline and ratio; the last two are null where there is no baseline."""
    rows = [
        {
            "name": row.name,
            "value": _rounded(row.value),
            "unit": row.unit,
            "baseline": _rounded(row.baseline),
            "ratio": _rounded(row.ratio),
        }
        for section in sections
        for row in section.rows
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _lines(sections: list[Section]) -> Iterator[str]:
    name = max(len(row.name) for section in sections for row in section.rows)
    unit = max(len(row.unit) for section in sections for row in section.rows)
    yield f"{'':{name + 2}}  {'value':>10} {'':{unit}} {'baseline':>10} {'ratio':>7}"
    for section in sections:
        yield section.heading
        for row in section.rows:
            baseline, ratio = ("", "") if row.ratio is None else (_shown(row.baseline or 0), f"{row.ratio:.2f}")
            yield f"  {row.name:{name}}  {_shown(row.value):>10} {row.unit:{unit}} {baseline:>10} {ratio:>7}".rstrip()


def _shown(value: float) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
