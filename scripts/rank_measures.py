"""Ranks and what is told of them: hits among the first, by case and by gene, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

TOPS: Final = (1, 3, 5, 10, 50)
RESAMPLES: Final = 1000

Ranks = npt.NDArray[np.int64]


def worst_ranks(scores: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> Ranks:
    """Rank of the true column in each row; all that tie with it count as ahead of it."""
    own = scores[np.arange(len(scores)), truth][:, None]
    ranks: Ranks = (scores >= own).sum(axis=1)
    return ranks


def measures(ranks: Ranks, genes: Sequence[str], tops: Sequence[int] = TOPS) -> dict[str, float]:
    """Share of cases among the first, and of the mean over genes."""
    if not len(ranks):
        return {}
    of_gene = np.unique(np.asarray(genes), return_inverse=True)[1]
    counts = np.bincount(of_gene)
    found = {f"top{top}": float(np.mean(ranks <= top)) for top in tops}
    for top in (1, 10):
        hits = np.bincount(of_gene, weights=ranks <= top)
        found[f"macro_top{top}"] = float(np.mean(hits / counts))
    return found


def intervals(
    ranks: Ranks, genes: Sequence[str], papers: Sequence[str], seed: int
) -> dict[str, tuple[float, float]]:
    """95 % intervals by resampling papers: cases of one paper are not independent."""
    if not len(ranks):
        return {}
    rng = np.random.default_rng(seed)
    names, of_paper = np.unique(np.asarray(papers), return_inverse=True)
    rows = [np.flatnonzero(of_paper == n) for n in range(len(names))]
    drawn: dict[str, list[float]] = {}
    held = np.asarray(genes)
    for _ in range(RESAMPLES):
        taken = np.concatenate([rows[n] for n in rng.integers(len(rows), size=len(rows))])
        for name, value in measures(ranks[taken], held[taken]).items():  # type: ignore[arg-type]
            drawn.setdefault(name, []).append(value)
    return {
        name: (float(np.quantile(v, 0.025)), float(np.quantile(v, 0.975)))
        for name, v in drawn.items()
    }


def line(name: str, count: int, found: Mapping[str, Any], **more: Any) -> str:
    """``unseen n=3055 top1=0.320 ...``."""
    told = {"n": count, **found, **more}
    return " ".join(
        [name, *(f"{k}={v:.3f}" if isinstance(v, float) else f"{k}={v}" for k, v in told.items())]
    )
