"""Two headers made one; shares of reads where a call gives no depths."""

from __future__ import annotations

import pytest

from ariane.annotate.genotypes import genotype
from ariane.annotate.headers import join_headers

COLUMNS = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP\n"


def tag(name: str, number: str, kind: str, where: str = "FORMAT") -> bytes:
    return f'##{where}=<ID={name},Number={number},Type={kind},Description="Type=x">\n'.encode()


def test_what_the_second_adds_and_what_both_declare() -> None:
    one = b"##fileformat=VCFv4.2\n" + tag("GQ", "1", "Float") + tag("PE", "1", "Integer")
    one += tag("PASSED", "0", "Flag", "INFO")
    two = b"##fileformat=VCFv4.3\n##source=other\n" + tag("GQ", "1", "Integer")
    two += tag("PE", "2", "Integer") + tag("SR", ".", "Integer") + tag("PASSED", "1", "String")
    joined = join_headers(one + COLUMNS, two + COLUMNS)
    assert joined.splitlines(keepends=True) == [
        b"##fileformat=VCFv4.2\n",
        tag("GQ", "1", "Float"),
        tag("PE", ".", "Integer"),
        tag("PASSED", "0", "Flag", "INFO"),
        tag("SR", ".", "Integer"),
        tag("PASSED", "1", "String"),
        COLUMNS,
    ]
    assert join_headers(two + COLUMNS, one + COLUMNS).count(b"ID=GQ,Number=1,Type=Float") == 1


@pytest.mark.parametrize(
    ("call", "fraction"),
    [
        ({"GT": "0/1", "AF": "0.0312"}, 0.031),
        ({"GT": "0/1", "HF": "0.985"}, 0.985),
        ({"GT": "0/1", "AF": "0.5", "AD": "90,10"}, 0.1),  # depths count before a share
        ({"GT": "0/1", "AF": "0.5,0.2"}, None),  # whose share is not told
        ({"GT": "0/1", "AF": "NaN"}, None),
        ({"GT": "0/1", "AF": "1.5"}, None),
        ({"GT": "0/1", "AF": "."}, None),
        ({"GT": "0/1"}, None),
    ],
)
def test_share_of_reads(call: dict[str, str], fraction: float | None) -> None:
    assert genotype(call).alt_fraction == fraction
