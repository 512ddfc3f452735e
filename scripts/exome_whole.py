"""Time to rank one whole exome, once it is annotated."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.genes import proteins, read_genes
from ariane.annotate.store import build_store
from ariane.knowledge.prepare import contigs_of, read_release, write_prepared
from ariane.knowledge.release import Release
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex
from ariane.rank.shard import Bench
from ariane.reanalyse.delta import Store, full_pass
from bench_lossless import own_reference

TERMS: Final = ("HP:0001250", "HP:0001263", "HP:0000252", "HP:0001999", "HP:0001290")
"""Seizure, global developmental delay, microcephaly, abnormal facial shape, hypotonia."""


def rank_whole(vcf: Path, release: Release, profile: str, work: Path) -> dict[str, Any]:
    """Annotate every record of an exome, then time its ranking in this process.

    Args:
        vcf: of one person.
        release: with HPO annotations.
        profile: of the criteria.
        work: an existing folder, some 4 GB; what is made there is left.

    Returns:
        seconds from opening the release to the written tables; rows read, findings ranked.
    """
    reference = work / "whole.fa"
    sample = own_reference(vcf, reference)[0][0]
    files = Outputs(work / "whole.bcf", work / "whole.parquet", work / "whole.json")
    genes = release.require("transcripts")
    told = annotate_case(Inputs("WHOLE", vcf, {"P": sample}, reference, genes), files)
    store = Store(work / "store.parquet", work / "read_keys.parquet")
    build_store([files.candidates], store.candidates, store.read_keys)
    prepared = work / "prepared"
    prepared.mkdir(exist_ok=True)
    held = proteins(read_genes(genes, contigs_of(release).name).all)
    write_prepared(read_release(release, prepared), (), held)
    case = Case(
        id="WHOLE",
        proband="P",
        members=(Member("P", "P", "", "", Sex.MALE, True),),
        phenotype=Phenotype(TERMS),
        analysis=Analysis(str(vcf), technique="exome"),
        consent=Consent(reanalysis=True),
    )
    begin = time.monotonic()
    bench = Bench.open(release.folder, prepared, profile)
    full_pass([case], store, bench, work / "ranked", lambda _: None)
    seconds = time.monotonic() - begin
    return {"records": told["records"]["records"], "rows": told["rows"]["all"],
            "seconds": round(seconds, 1)}  # fmt: skip
