"""Verify or show a registry's journal; settle an interrupted write; erase a case from the state."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ariane.cli import run
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry.journal import opened
from ariane.registry.state import StateFolder, forget_case, read_verified, recover


def main(argv: list[str]) -> None:
    """Parse the arguments and do the one thing asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check the chain and the seals")
    verify.add_argument("--head", help="hash from a receipt: the journal must still hold it")
    commands.add_parser("show", help="print the records, decrypted where a key exists")
    settle = commands.add_parser("settle", help="answer for a write that Ariane cannot judge")
    settle.add_argument("--registry", type=Path, required=True)
    settle.add_argument("--as", dest="answer", choices=("commit", "undone"), required=True)
    erase = commands.add_parser("erase", help="destroy a case's key and forget its base")
    erase.add_argument("--case", required=True)
    erase.add_argument("--as-of", required=True)
    erase.add_argument("--actor", required=True)
    for command in commands.choices.values():
        command.add_argument("--state", type=Path, required=True, help="state/registry/NAME")
    args = parser.parse_args(argv)
    if not args.state.is_dir():
        raise ArianeError(f"{args.state}: there is no such folder. Check --state.")
    state = StateFolder(args.state)

    if args.command == "settle":
        with state.locked():
            keys, journal = read_verified(state)
            done = recover(state, args.registry.resolve(), journal, keys, args.answer)
        print(f"The interrupted write was {done}." if done else "Nothing was interrupted.")
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
