"""A registry's journal: verify or show it, revert a write, settle one, erase a case from it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ariane.cli import run
from ariane.files import write_text
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.journal import opened
from ariane.registry.mapping import read_mapping
from ariane.registry.places import REGISTRY_HELP, open_place
from ariane.registry.revert import Revert, summary
from ariane.registry.state import StateFolder, forget_case, read_verified
from ariane.registry.writing import Writer


def main(argv: list[str]) -> None:
    """Parse the arguments and do the one thing asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check the chain and the seals")
    verify.add_argument("--head", help="hash from a receipt: the journal must still hold it")
    commands.add_parser("show", help="print the records, decrypted where a key exists")
    settle = commands.add_parser("settle", help="answer for a write that Ariane cannot judge")
    settle.add_argument("--as", dest="answer", choices=("commit", "undone"), required=True)
    back = commands.add_parser("revert", help="put back a write, or all written of a case")
    back.add_argument("--record", type=int, default=0, help="number (seq) of a write, see show")
    back.add_argument("--case", default="", help="or a pseudonym")
    back.add_argument("--receipt", type=Path, help="JSON of what was put back and what was left")
    for command in (settle, back):
        command.add_argument("--registry", required=True, help=REGISTRY_HELP)
        command.add_argument("--mapping", type=Path, required=True, help="YAML of its columns")
    erase = commands.add_parser("erase", help="destroy a case's key and forget its base")
    erase.add_argument("--case", required=True)
    for command in (back, erase):
        command.add_argument("--as-of", required=True, help="date, as 2024-03-06")
        command.add_argument("--actor", required=True, help="who answers for it")
    for command in commands.choices.values():
        command.add_argument("--state", type=Path, required=True, help="state/registry/NAME")
    args = parser.parse_args(argv)
    if not args.state.is_dir():
        raise ArianeError(f"{args.state}: there is no such folder. Check --state.")
    state = StateFolder(args.state)

    if args.command == "settle":
        with state.locked():
            place = open_place(args.registry, read_mapping(args.mapping))
            done = Writer(place, state, *read_verified(state)).recover(args.answer)
        print(f"The interrupted write was {done}." if done else "Nothing was interrupted.")
        return
    if args.command == "revert":
        mapping = read_mapping(args.mapping)
        place = open_place(args.registry, mapping)
        work = Revert(place, mapping, state, args.as_of, args.actor, args.record, args.case)
        told = work.run()
        if args.receipt:
            write_text(args.receipt, to_json(told) + "\n")
        print(summary(told), file=sys.stderr)
        return
    if args.command == "erase":
        backups = forget_case(state, args.case, as_of=args.as_of, actor=args.actor)
        print("The key is destroyed and the base forgets the case.")
        for path in backups:
            print(f"This backup still holds the pseudonym; delete it by hand: {path}")
        return

    keys, journal = read_verified(state)
    if args.command == "show":
        for record in journal.records:
            if record["kind"] == "intent":
                record = {**record, "changes": opened(record, keys)}
            print(to_json({k: v for k, v in record.items() if k not in ("mac", "prev")}))
        return
    if args.head and args.head not in journal.hashes:
        raise ArianeError(
            f"{state.journal}: the record of that receipt is missing: the journal was shortened or "
            "replaced. Restore it from a backup."
        )
    print(f"{len(journal.records)} records, chain and seals whole. Head: {journal.head}")
    if journal.torn:
        print(
            "A torn last line, left by a crash, will be dropped by the next write.", file=sys.stderr
        )
    if journal.pending:
        print(
            f"Record {journal.pending['seq']} is an unfinished write; the next run finishes or "
            "undoes it.",
            file=sys.stderr,
        )


if __name__ == "__main__":
    run(main)
