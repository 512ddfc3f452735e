"""What is carried on of a record's INFO, FORMAT and calls, and the header that declares it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.fields import FORMATS, UNSPLIT_GT, Layout, unsplit

_KEPT_HEADER: Final = re.compile(r"##(INFO|FORMAT|FILTER|ALT)=<ID=([^,>]+)")
_OWN_TAGS: Final = frozenset({"BCSQ", "OLD_RECORD"})
_NO_FILTER: Final = frozenset({".", "PASS", ""})


class Carried:
    """Cuts records down to what is read later, and remembers the tags in use.

    INFO is not carried on, and of FORMAT only what is read: neither a malformed tag nor a count
    that does not fit the split can then stop or bend what follows. Records with a symbolic allele
    or breakend keep both, for their meaning lies there.

    Args:
        samples: names of the samples.
        info: INFO tags to carry on for every record, such as ``CSQ``.
    """

    def __init__(self, samples: Sequence[str], info: Sequence[str]) -> None:
        self._samples = samples
        self._calls = len(samples)
        self._info = info
        self._declared: dict[tuple[str, str], str] = {}
        self._used: set[tuple[str, str]] = set()
        self._flags: set[str] = set()
        self._layouts: dict[str, Layout] = {}

    def declare(self, line: str) -> None:
        """Take a line of the VCF's header."""
        found = _KEPT_HEADER.match(line)
        if found and found[2] not in _OWN_TAGS:
            self._declared.setdefault((found[1], found[2]), line)

    def header(self, lengths: Mapping[str, int]) -> bytes:
        """The header: the contigs with their lengths and a line for each tag in use."""
        lines = ["##fileformat=VCFv4.2"]
        for (kind, name), line in sorted(self._declared.items()):
            if not (kind == "FORMAT" and name in FORMATS):
                lines.append(line)
        lines += [f"##contig=<ID={name},length={length}>" for name, length in lengths.items()]
        used = {name for kind, name in self._used if kind == "FORMAT"}
        for name, shape in FORMATS.items():
            if name in used:
                if "Type=Float" in self._declared.get(("FORMAT", name), ""):
                    # Some callers write 12.0 reads, and declare it so.
                    shape = shape.replace("Type=Integer", "Type=Float")
                lines.append(f"##FORMAT=<ID={name},{shape}>")
        for kind, name in sorted(self._used - set(self._declared)):
            if kind == "FORMAT" and name in FORMATS:
                continue
            shape = "" if kind == "FILTER" else "Number=.,Type=String,"
            if kind == "INFO" and name in self._flags:
                shape = "Number=0,Type=Flag,"
            lines.append(f'##{kind}=<ID={name},{shape}Description="not declared in the VCF">')
        fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        lines.append("\t".join([*fixed, *self._samples]))
        return ("\n".join(lines) + "\n").encode()

    def fields(
        self,
        kept: pa.RecordBatch,
        symbolic: np.ndarray[Any, Any],
        several: np.ndarray[Any, Any],
    ) -> tuple[pa.Array | pa.Scalar, pa.Array, list[pa.Array]]:
        """INFO (one for all, where nothing of it is kept), FORMAT and the calls, cut down to what
        is read later."""
        for entry in pc.unique(kept.column(6)).to_pylist():
            self._used.update(("FILTER", f) for f in entry.split(";") if f not in _NO_FILTER)
        given = kept.column(7)
        if self._info or symbolic.any():
            info = pa.array(
                [
                    self._whole_info(text) if whole else self._kept_info(text)
                    for text, whole in zip(given.to_pylist(), symbolic.tolist(), strict=True)
                ],
                pa.string(),
            )
        else:
            info = pa.scalar(".", pa.string())
        given_form = kept.column(8)
        given_calls = [kept.column(9 + n) for n in range(self._calls)]
        form, calls = self._cut(given_form, given_calls, symbolic)
        if several.any():
            self._used.add(("FORMAT", UNSPLIT_GT))
            form, calls = unsplit(form, calls, several)
        return info, form, calls

    def _cut(
        self, form: pa.Array, calls: list[pa.Array], symbolic: np.ndarray[Any, Any]
    ) -> tuple[pa.Array, list[pa.Array]]:
        coded = form.dictionary_encode()
        shapes = coded.dictionary.to_pylist()
        layouts = [self._layout(shape) for shape in shapes]
        for layout in layouts:
            self._used.update(("FORMAT", key) for key in layout.form.split(":"))
        if symbolic.any():
            for shape in pc.unique(form.filter(pa.array(symbolic))).to_pylist():
                self._used.update(("FORMAT", key) for key in shape.split(":"))
        if len(shapes) == 1 and layouts[0].unchanged:
            return form, calls
        codes = _numpy(coded.indices)
        written = np.array([layout.form for layout in layouts], dtype=object)[codes]
        made = [call.to_numpy(zero_copy_only=False).copy() for call in calls]
        if symbolic.any():
            written[symbolic] = form.filter(pa.array(symbolic)).to_numpy(zero_copy_only=False)
        for code, layout in enumerate(layouts):
            rows = np.flatnonzero((codes == code) & ~symbolic)
            if len(rows) and not layout.unchanged:
                for call, out in zip(calls, made, strict=True):
                    out[rows] = layout.cut(call.take(pa.array(rows))).to_numpy(zero_copy_only=False)
        return pa.array(written, pa.string()), [pa.array(m, pa.string()) for m in made]

    def _layout(self, shape: str) -> Layout:
        if shape not in self._layouts:
            self._layouts[shape] = Layout(shape)
        return self._layouts[shape]

    def _whole_info(self, text: str) -> str:
        kept = []
        for part in text.split(";"):
            name, equals, _ = part.partition("=")
            if name in ("", ".") or name in _OWN_TAGS:
                continue
            self._used.add(("INFO", name))
            if not equals:
                self._flags.add(name)
            kept.append(part)
        return ";".join(kept) or "."

    def _kept_info(self, text: str) -> str:
        if not self._info:
            return "."
        kept = [part for part in text.split(";") if part.partition("=")[0] in self._info]
        self._used.update(("INFO", part.partition("=")[0]) for part in kept)
        return ";".join(kept) or "."


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
