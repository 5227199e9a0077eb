"""How often we look, and what a look may cost in false alarms.

All candidates of one look, over kinds and journeys, are one Benjamini-Hochberg family (q 0.05), tested on
the seven closed local days before as-of: these do not change during a day, so that looking again is free.

The running day is looked at again and again. It may raise a false alarm on one of a hundred days in all:
`ALPHA_DAY` is spread evenly over the most looks that a day can hold (one in ten seconds), each part
over its candidates (Bonferroni). This is alpha spending with equal, small parts: it holds for any number of
looks and however they depend on each other. A breakdown needs no more than that: eight faults in eight
attempts where three in a thousand were usual have a chance of 1e-20.
"""

Q = 0.05
ALPHA_DAY = 0.01
LOOKS_A_DAY = 8_640


def limit_today(candidates: int) -> float:
    """The p-value up to which one of so many candidates of the running day counts."""
    return ALPHA_DAY / (LOOKS_A_DAY * max(candidates, 1))
