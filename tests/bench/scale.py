"""How much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """`messages` says how many orders each number of clients lodges in one round, in each wire form."""

    rounds: int
    messages: dict[int, int]
    repetitions: int  # of each stage on one core
    prints: int  # of each document
    beats: int  # deliveries to each of 48 partners, alone and beside two in trouble
    trades: int  # of one party, on whose pages is waited
    pages: int  # how often for each
    starts: int  # of a hub, for each way to start it


FULL: Final = Scale(
    rounds=3, messages={1: 200, 2: 300, 8: 800, 32: 960}, repetitions=500, prints=60, beats=80, trades=100_000, pages=30, starts=5
)
QUICK: Final = Scale(
    rounds=1, messages={1: 30, 2: 40, 8: 160, 32: 256}, repetitions=60, prints=8, beats=12, trades=2_000, pages=10, starts=1
)
