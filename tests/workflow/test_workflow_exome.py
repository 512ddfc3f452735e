"""The main job on a real exome with spiked published cases, and the parts of that benchmark."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"

import bench_exome  # noqa: E402
from exome_cases import (  # noqa: E402
    COMPOUND,
    DOMINANT,
    RECESSIVE,
    X_LINKED,
    Allele,
    choose,
    expected_consequence,
    read_published,
)
from exome_results import normal_key  # noqa: E402
from exome_spike import Exome, Record, spike  # noqa: E402

NEEDED = (
    "vcf/exome_hu82436A.GRCh38.vcf.gz",
    "cases/phenopackets.jsonl.gz",
    "reference/GRCh38.lrg524.fa.gz",
    "reference/lrg524.bed",
    "reference/MANE_select.GRCh38.gff3.gz",
    "genes/hgnc_complete_set.2024-10.txt.gz",
    "genes/gnomad.v2.1.1.lof_metrics.by_gene.tsv.gz",
    "genes/ClinGen_dosage_gene_curation_GRCh38.2026-02-06.tsv",
    "hpo/2024-03-06/hp.obo.gz",
    "hpo/2024-03-06/phenotype.hpoa.gz",
    "hpo/2024-03-06/phenotype_to_genes.txt.gz",
    "variants/vkgl_releases.tsv.gz",
)


@pytest.fixture(scope="session")
def data() -> Path:
    for name in NEEDED:
        if not (DATA / name).is_file():
            pytest.skip(f"{name} is absent from {DATA}")
    return DATA


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exome")


@pytest.fixture(scope="session")
def found(data: Path, work: Path) -> dict[str, Any]:
    """The whole benchmark, run once: 28 cases through the real workflow, without pages."""
    result = bench_exome.benchmark(data, work, count=28, seed=1, cores=2, pages="none")
    print(bench_exome.render(result))
    return result


@pytest.mark.shared_data
@pytest.mark.workflow
def test_cases_cover_modes_and_genes(found: dict[str, Any]) -> None:
    rows = found["cases"]
    assert found["qualifying"] == {"cases": 896, "genes": 68}
    assert len(rows) >= 25
    assert len({row["gene"] for row in rows}) >= 15
    count = Counter(row["zygosity"] for row in rows)
    assert count[X_LINKED] >= 3
    assert min(count[DOMINANT], count[RECESSIVE], count[COMPOUND]) >= 5
    assert all(len(row["variants"]) == 2 for row in rows if row["zygosity"] == COMPOUND)


@pytest.mark.shared_data
@pytest.mark.workflow
def test_causal_gene_has_a_fitting_consequence(found: dict[str, Any]) -> None:
    misfits = [
        (row["case"], row["gene"], row["published"], row["found"])
        for row in found["cases"]
        if not row["fitting"]
    ]
    assert misfits == []


@pytest.mark.shared_data
@pytest.mark.workflow
def test_every_rank_is_told_or_explained(found: dict[str, Any]) -> None:
    for row in found["cases"]:
        if row["gene_rank"] is None:
            assert row["explanation"], row["case"]
            assert row["posterior"] is None
        else:
            assert 1 <= row["gene_rank"] <= row["genes_ranked"]
            assert row["hypothesis_rank"] >= 1  # a gene sums its hypotheses: either rank may lead
            assert 0 <= row["posterior"] <= 1
    told = bench_exome.render(found)
    assert all(row["case"] in told and row["gene"] in told for row in found["cases"])
    assert "Not for interpretation" in told


@pytest.mark.shared_data
@pytest.mark.workflow
def test_published_alleles_are_annotated_as_published(found: dict[str, Any]) -> None:
    """Every allele of all 896 cases, not only of those chosen."""
    alleles = found["alleles"]
    assert alleles["judged"] > 500
    # Indels whose shift to the left crosses a splice site may be read otherwise than published.
    assert len(alleles["misfits"]) <= 3, alleles["misfits"]
    assert all(one["found"] for one in alleles["misfits"])


@pytest.mark.shared_data
@pytest.mark.workflow
def test_inputs_leak_nothing(found: dict[str, Any], data: Path, work: Path) -> None:
    """A causal record differs from real ones by place and allele alone; the packet is bare."""
    calls = {
        tuple(r.fields[5:7]) + tuple(r.fields[8:])
        for r in Exome.read(data / NEEDED[0]).records
        if r.genotype in ("0/1", "1/1")
    }
    header = "".join(Exome.read(data / NEEDED[0]).header)
    for row in found["cases"]:
        spiked = Exome.read(work / "inputs" / f"{row['case']}.vcf.gz")
        assert "".join(spiked.header) == header
        assert {(*r.fields[5:7], *r.fields[8:]) for r in spiked.records} <= calls
        assert [r.pos for r in spiked.records if r.chrom == "chr1"] == sorted(
            r.pos for r in spiked.records if r.chrom == "chr1"
        )
        text = (work / "inputs" / f"{row['case']}.json").read_text()
        assert set(json.loads(text)) == {"id", "subject", "phenotypicFeatures", "metaData"}
        assert not any(word in text for word in ("PMID", "OMIM", "HGNC", row["published_case"]))


@pytest.mark.shared_data
@pytest.mark.workflow
def test_second_run_has_nothing_to_do(found: dict[str, Any], work: Path) -> None:
    assert found["cases"]
    assert "Nothing to be done" in bench_exome.run_workflow(work, cores=2)


@pytest.mark.shared_data
def test_choice_is_the_same_in_any_order(data: Path) -> None:
    cases = read_published(data)
    one, other = choose(cases, 28, seed=3), choose(cases[::-1], 28, seed=3)
    assert [case.id for case in one] == [case.id for case in other]
    assert [case.id for case in one] != [case.id for case in choose(cases, 28, seed=4)]


@pytest.mark.parametrize(
    ("hgvs_c", "hgvs_p", "term"),
    [
        ("c.518G>C", "p.(Arg173Pro)", "missense_variant"),
        ("c.367C > T", "p.(Arg123Ter)", "stop_gained"),
        ("c.1513_1514insGGAC", "p.(Arg505ArgfsTer9)", "frameshift_variant"),
        ("c.996G>A", "p.(Gln332=)", "synonymous_variant"),
        ("c.1A>G", "p.(Met1?)", "start_lost"),
        ("c.402_413del", "p.(Ile136_Asp139del)", "inframe_deletion"),
        ("c.1399_1428dup", "p.(Ala467_Ala476dup)", "inframe_insertion"),
        ("c.250_284delinsGTCAC", "p.(Leu84_Phe95delinsValThr)", "inframe_indel"),
        ("c.100T>C", "p.(Ter34GlnextTer5)", "stop_lost"),
        ("c.897+2T>G", "p.?", "splice_donor_variant"),
        ("c.1017-2A>G", "p.?", "splice_acceptor_variant"),
        ("c.500_502+8del", "p.?", "splice_donor_variant"),
        ("c.2441+3_2441+6del", "p.?", "splice_region_variant"),
        ("c.461-3C>G", "", "splice_region_variant"),
        ("c.283-12T>A", "p.?", "intron_variant"),
        ("c.-30G>A", "p.?", ""),
        ("c.206T>A", "", ""),
    ],
)
def test_expected_consequence(hgvs_c: str, hgvs_p: str, term: str) -> None:
    protein = f"NP_000001.1:{hgvs_p}" if hgvs_p else ""
    assert expected_consequence(f"NM_000001.1:{hgvs_c}", protein) == term


def test_fit_asks_for_the_term() -> None:
    missense = Allele("chr1", 5, "A", "G", "NM_1.1:c.5A>G", "NP_1.1:p.(Lys2Arg)")
    assert missense.fits("missense_variant&splice_region_variant")
    assert not missense.fits("synonymous_variant")
    assert not missense.fits("")
    stop = Allele("chr1", 5, "A", "AT", "NM_1.1:c.5dup", "NP_1.1:p.(Tyr2Ter)")
    assert stop.fits("frameshift_variant")
    assert not stop.fits("missense_variant")
    unsaid = Allele("chr1", 5, "A", "G", "NM_1.1:c.5A>G", "")
    assert not unsaid.fits("missense_variant")


@given(st.data())
def test_normal_key_is_one_for_all_ways_to_write(data: st.DataObject) -> None:
    """The key makes the same sequence as the allele, and no base further left would do."""
    sequence = "GATTACA" + data.draw(st.text("AC", min_size=6, max_size=30)) + "G"
    bases = SimpleNamespace(fetch=lambda _, start, end: sequence[start:end])
    start = data.draw(st.integers(7, len(sequence) - 3))
    length = data.draw(st.integers(1, len(sequence) - start - 1))
    ref = sequence[start : start + length]
    alt = data.draw(st.text("ACGT", min_size=1, max_size=6).filter(lambda text: text != ref))

    def applied(pos: int, ref: str, alt: str) -> str:
        assert sequence[pos - 1 : pos - 1 + len(ref)] == ref
        return sequence[: pos - 1] + alt + sequence[pos - 1 + len(ref) :]

    key = normal_key(Allele("chr1", start + 1, ref, alt, "", ""), bases)
    _, pos, short_ref, short_alt = key.split("-")
    assert applied(int(pos), short_ref, short_alt) == applied(start + 1, ref, alt)
    assert short_ref[-1] != short_alt[-1]
    longer = Allele("chr1", start, sequence[start - 1] + ref, sequence[start - 1] + alt, "", "")
    assert normal_key(longer, bases) == key


def _line(pos: int, ref: str, alt: str, genotype: str) -> Record:
    fields = ("chr1", str(pos), ".", ref, alt, "50", "PASS", ".", "GT", genotype)
    return Record("chr1", pos, fields)


def test_spike_takes_the_place_of_rivals() -> None:
    own = [_line(10, "A", "G", "1/1"), _line(20, "C", "T", "0/1"), _line(30, "G", "A", "0/1")]
    background = Exome(("#\n",), tuple(own))
    causal = [_line(20, "C", "T", "1/1")]
    assert spike(background, causal) == [own[0], causal[0], own[2]]
    other = [_line(20, "C", "A", "0/1")]
    assert spike(background, other) == [own[0], *other, *own[1:]]  # one copy each
    both = [_line(30, "G", "C", "1/1")]
    assert spike(background, both) == [*own[:2], *both]  # no copy is left for the person's own
    taken = [_line(10, "A", "T", "0/1")]
    assert spike(background, taken) == [*taken, *own[1:]]


def test_exome_of_two_persons_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.vcf.gz"
    columns = "\t".join(
        ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "A", "B"]
    )
    path.write_bytes(gzip.compress(f"##fileformat=VCFv4.2\n{columns}\n".encode()))
    with pytest.raises(Exception, match="not a VCF of one person"):
        Exome.read(path)
