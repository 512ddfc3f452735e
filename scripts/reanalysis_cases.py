"""The cases of all strata of the benchmark of reanalysis, each in a drawn person."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from published_cases import HpoRelease, Published, read_published
from ranking_cases import Put, put_into
from ranking_world import HET, Allele, causal_alleles, read_by_product, read_persons
from reanalysis_strata import Entry, Record, changed, enter, findable, holders
from reanalysis_world import Knowledge

SEEN, UNSEEN, CUT = "seen", "unseen", "without_paper"
QUIET, RAISED, RAISED_HOLDERS = "quiet", "became_lp", "became_lp_holders"
RISK, RISK_HOLDERS = "at_risk", "at_risk_holders"
CARRIERS: Final = "carriers"
HOLDERS: Final = 150
"""Holders and carriers of a record that became LP, at most: the others would say the same again."""
CHAINED: Final = (60, 100)
"""Findable and quiet cases that go through the chains of releases."""


class World:
    """All cases of all strata, with their candidates.

    Args:
        args: the arguments of the program.
        old: the first HPO release.
        new: the second.
        records: alleles whose class differs between the two columns.
        work: an existing folder.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        old: HpoRelease,
        new: HpoRelease,
        records: Sequence[Record],
        work: Path,
    ) -> None:
        self._limit, self._seed = args.limit, args.seed
        cases = read_published(args.cases)
        persons = read_persons(args.backgrounds)
        found = findable(cases, old, new)
        groups: dict[str, list[Put]] = {}

        def put(name: str, taken: Iterable[tuple[Published, Sequence[Allele]]]) -> None:
            groups[name] = [put_into(case, alleles, persons) for case, alleles in taken]

        put(UNSEEN, self._some(_with_alleles(c for c in found if new.unseen(c))))
        put(SEEN, self._some(_with_alleles(c for c in found if not new.unseen(c))))
        raised, lost = [r for r in records if r.raised], [r for r in records if r.lost]
        put(RAISED, self._some(_with_alleles(changed(cases, old, new, raised))))
        put(RISK, self._some(_with_alleles(changed(cases, old, new, lost))))
        held = holders([*raised, *lost], args.data, args.hpo_from, old)
        lost_keys = {record.key for record in lost}
        of_lost = [one for one in held if one[1][0].key[0] in lost_keys]
        put(RAISED_HOLDERS, self._some([one for one in held if one not in of_lost], HOLDERS))
        put(RISK_HOLDERS, self._some(of_lost))
        puts = [p for group in groups.values() for p in group]
        self._persons = {name: persons[name] for name in sorted({p.person for p in puts})}
        alleles = [a for p in puts for a in p.alleles]
        alleles += [a for _, own in self._persons.values() for a in own]
        carried = [
            tuple(replace(a, gt=HET) for a in p.alleles)
            for p in groups[RAISED_HOLDERS]
            if not any(a.chrom in ("chrX", "chrY") for a in p.alleles)
        ]
        alleles += [a for group in carried for a in group]
        self._candidates = read_by_product(alleles, args.data, work, real=True)
        self.entries = [
            self._enter(name, p, solved=name in (RISK, RISK_HOLDERS))
            for name, group in groups.items()
            for p in group
        ]
        still = {p.person: p for p in (*groups[SEEN], *groups[UNSEEN])}  # each person once
        quiet_puts = [still[person] for person in sorted(still)]
        self.entries += [self._enter(QUIET, p, spiked=False) for p in quiet_puts]
        self.entries += [
            self._enter(CARRIERS, p, spiked=False, carried=group)
            for number, group in enumerate(carried)
            for p in (quiet_puts[number % len(quiet_puts)],)
        ]
        reference = work / "reference.fa.gz"
        self.knowledge = Knowledge(args.data, reference, args.assertions, work)

    def of(self, name: str) -> list[Entry]:
        """The entries of a stratum."""
        return [entry for entry in self.entries if entry.stratum == name]

    def chained(self) -> list[Entry]:
        """Cases for the chains: a sample of the findable, and of the quiet ones."""
        rng = random.Random(self._seed)  # noqa: S311
        taken = []
        for held, count in zip((self.of(UNSEEN) + self.of(SEEN), self.of(QUIET)), CHAINED,
                               strict=True):  # fmt: skip
            taken += rng.sample(held, min(count, len(held)))
        return taken

    def _enter(
        self,
        name: str,
        p: Put,
        *,
        spiked: bool = True,
        solved: bool = False,
        carried: Sequence[Allele] = (),
    ) -> Entry:
        # A person may carry several records in turn: the record is part of the name.
        stratum = "-".join([name, *(a.key[0] for a in carried)])
        made = enter(stratum, p, self._persons, self._candidates, spiked, solved, carried)
        return replace(made, stratum=name)

    def _some(
        self, held: Sequence[tuple[Published, Sequence[Allele]]], most: int | None = None
    ) -> list[tuple[Published, Sequence[Allele]]]:
        limits = [limit for limit in (self._limit, most) if limit]
        if not limits or min(limits) >= len(held):
            return list(held)
        return random.Random(self._seed).sample(list(held), min(limits))  # noqa: S311


def _with_alleles(cases: Iterable[Published]) -> list[tuple[Published, Sequence[Allele]]]:
    return [(case, causal_alleles(case) or ()) for case in cases]
