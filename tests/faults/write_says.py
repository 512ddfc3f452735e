"""Write into ``cases/*.yaml`` what each program says today; read the difference before you keep it.

Run ``python tests/faults/write_says.py`` in the repository, with the names of files to limit it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from fault_cases import CASES, PROGRAMS, lay_out, read_cases, run
from test_faults import make_ready


class Flow(dict[str, Any]):
    """A mapping written on one line."""


class Line(list[Any]):
    """A list written on one line."""


class Writer(yaml.SafeDumper):
    """YAML as people write it: edits on one line, messages as blocks."""


Writer.add_representer(
    Flow,
    lambda dumper, data: dumper.represent_mapping(
        "tag:yaml.org,2002:map", data.items(), flow_style=True
    ),
)
Writer.add_representer(
    Line,
    lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True),
)
Writer.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if text.endswith("\n") else None
    ),
)


def main() -> None:
    """Run every case, keep what is said."""
    with tempfile.TemporaryDirectory() as folder:
        ready = make_ready(Path(folder))
        for path in sorted(CASES.glob("*.yaml")):
            if sys.argv[1:] and path.stem not in sys.argv[1:]:
                continue
            entries = yaml.safe_load(path.read_text(encoding="utf-8"))
            for entry, case in zip(entries, read_cases(path), strict=True):
                with tempfile.TemporaryDirectory() as place:
                    os.chdir(place)
                    lay_out(case, Path(place), ready)
                    arguments = list(case.arguments) or PROGRAMS[case.program]
                    status, said = run(case.program, arguments)
                    os.chdir("/")
                for key in ("status", "says"):
                    entry.pop(key, None)
                if "arguments" in entry:
                    entry["arguments"] = Line(entry["arguments"])
                if status != 2:
                    entry["status"] = status
                entry["says"] = said
                for key in ("edits", "then"):
                    if key in entry:
                        entry[key] = [
                            Flow(e) if "\n" not in str(e.values()) else e for e in entry[key]
                        ]
            text = yaml.dump(
                entries, Dumper=Writer, sort_keys=False, width=10_000, allow_unicode=True
            )
            path.write_text(text.replace("\n- name:", "\n\n- name:"), encoding="utf-8")


if __name__ == "__main__":
    main()
