"""Keys of a registry's journal: one secret for references, one key per case for what was written.

Destroying a case's key makes what the journal says of it unreadable for ever, while its chain
still verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from ariane.files import settle, temporary_beside
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError


def write_private(path: Path, content: bytes) -> None:
    """Write a whole file atomically, readable by its owner alone (mode 0600)."""
    temporary = temporary_beside(path)
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        settle(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@dataclass
class Keyring:
    """The secret of one registry and the keys of its cases."""

    secret: bytes
    cases: dict[str, str] = field(default_factory=dict)
    """Reference of a case to its Fernet key."""
    changed: bool = False
    """Whether a key was made or destroyed since reading."""

    @classmethod
    def new(cls) -> Keyring:
        """A keyring with a fresh secret, not yet written."""
        return cls(secrets.token_bytes(32), {}, True)

    @classmethod
    def read(cls, path: Path) -> Keyring:
        """Read a keyring.

        Raises:
            ArianeError: missing, damaged, or readable by others.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise ArianeError(f"{path}: others may read the keys. Run: chmod 600 {path.name}")
            raw = json.loads(path.read_text(encoding="utf-8"))
            return cls(bytes.fromhex(raw["secret"]), dict(raw["cases"]))
        except FileNotFoundError:
            raise ArianeError(
                f"{path}: the keys of the journal are missing. Restore the file from a backup."
            ) from None
        except (ValueError, KeyError, TypeError):
            raise ArianeError(f"{path}: damaged keys. Restore the file from a backup.") from None

    def write(self, path: Path) -> None:
        """Write the keyring with mode 0600 if it changed."""
        if self.changed:
            content = {"secret": self.secret.hex(), "cases": self.cases}
            write_private(path, (to_json(content) + "\n").encode())
            self.changed = False

    def reference(self, case: str) -> str:
        """What the journal calls a case: HMAC-SHA-256 of the pseudonym under the secret."""
        return hmac.new(self.secret, b"case\x00" + case.encode(), hashlib.sha256).hexdigest()

    def seal(self, case: str, content: Any) -> dict[str, str]:
        """A case's reference and a JSON value under its key, which is made when there is none."""
        reference = self.reference(case)
        if reference not in self.cases:
            self.cases[reference] = Fernet.generate_key().decode()
            self.changed = True
        # Time 0: a token's clock time is not ours to tell; the record carries its date.
        box = Fernet(self.cases[reference])
        token = box.encrypt_at_time(to_json(content).encode(), 0).decode()
        return {"case": reference, "sealed": token}

    def unseal(self, reference: str, token: str) -> Any:
        """The JSON value, or None when its key was destroyed."""
        key = self.cases.get(reference)
        if key is None:
            return None
        try:
            return json.loads(Fernet(key).decrypt(token.encode()))
        except InvalidToken:
            return None  # sealed under an earlier key of the case, destroyed since

    def destroy(self, case: str) -> bool:
        """Forget a case's key; the caller writes the keyring. Returns whether there was one."""
        if self.cases.pop(self.reference(case), None) is None:
            return False
        self.changed = True
        return True

    def mac(self, text: str) -> str:
        """HMAC-SHA-256 of a journal record, so that even its last line cannot be rewritten."""
        seal = hmac.new(self.secret, b"record\x00", hashlib.sha256)
        seal.update(text.encode())
        return seal.hexdigest()
