"""The contract of a case's JSON, checked before it is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from ariane import files
from ariane.model.errors import ArianeError

PATH: Final = files.REPOSITORY / "workflow" / "schemas" / "case_result.schema.json"


@cache
def validator() -> Draft202012Validator:
    """The validator of ``case_result.schema.json``."""
    content = json.loads(PATH.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def check(content: Mapping[str, Any]) -> None:
    """See that a case's data follow the schema.

    Raises:
        ArianeError: they do not; all places are named.
    """
    faults = sorted(
        f"{'/'.join(map(str, fault.absolute_path)) or 'the document'}: {fault.message}"
        for fault in validator().iter_errors(content)
    )
    if faults:
        raise ArianeError(
            "\n".join(
                [
                    "The case's data do not follow case_result.schema.json; nothing was written.",
                    *faults,
                    "Run the ranking of this case again with this version of Ariane.",
                ]
            )
        )
