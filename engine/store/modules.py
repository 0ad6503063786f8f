"""The modules that scripts carry, each set once: many scripts and versions share theirs."""

import hashlib
import json
from typing import Any

from engine.store.db import Database

Modules = dict[str, dict[str, Any]]


class ModuleSets:
    """By a digest of their content; a set never changes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, modules: Modules | None) -> str | None:
        if not modules:
            return None
        text = json.dumps(modules, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._db.run("insert or ignore into module_set values (?, ?)", digest, text)
        return digest

    def get(self, digest: str | None) -> Modules | None:
        text = self._db.value("select modules from module_set where digest = ?", digest or "")
        return json.loads(text) if text else None
