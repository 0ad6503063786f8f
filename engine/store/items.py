"""Deployed things. `Items` keeps one state a path, `Versions` keeps every one."""

import json
import time
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from engine.store.db import Database

Doc = dict[str, Any]


@dataclass(frozen=True)
class Item:
    path: str
    doc: Doc
    edited_at: float


class Items:
    def __init__(self, db: Database, kind: str) -> None:
        self._db, self._kind = db, kind

    def get(self, workspace: str, path: str) -> Item | None:
        row = self._db.row(
            "select path, doc, edited_at from item where kind = ? and workspace = ? and path = ?",
            self._kind,
            workspace,
            path,
        )
        return self._item(workspace, row) if row else None

    def put(self, workspace: str, path: str, doc: Doc) -> None:
        self._db.run(
            "insert or replace into item values (?, ?, ?, ?, ?)",
            self._kind,
            workspace,
            path,
            self._written(workspace, path, doc),
            time.time(),
        )

    def rename(self, workspace: str, path: str, new_path: str, doc: Doc) -> None:
        with self._db.tx():
            self.delete(workspace, path)
            self.put(workspace, new_path, doc)

    def delete(self, workspace: str, path: str) -> bool:
        sql = "delete from item where kind = ? and workspace = ? and path = ?"
        return self._db.run(sql, self._kind, workspace, path) > 0

    def list(self, workspace: str) -> list[Item]:
        rows = self._db.rows(
            "select path, doc, edited_at from item where kind = ? and workspace = ? order by path",
            self._kind,
            workspace,
        )
        return [self._item(workspace, row) for row in rows]

    def _item(self, workspace: str, row: Row) -> Item:
        return Item(row["path"], self._read(workspace, row["path"], row["doc"]), row["edited_at"])

    def _written(self, workspace: str, path: str, doc: Doc) -> str:
        return json.dumps(doc)

    def _read(self, workspace: str, path: str, text: str) -> Doc:
        doc: Doc = json.loads(text)
        return doc


@dataclass(frozen=True)
class Version:
    seq: int
    path: str
    hash: str
    doc: Doc
    created_at: float
    archived: bool


_COLUMNS = "seq, path, hash, doc, created_at, archived"


class Versions:
    def __init__(self, db: Database, kind: str) -> None:
        self._db, self._kind = db, kind

    def _load(self, where: str, *values: Any) -> list[Version]:
        sql = f"select {_COLUMNS} from version where kind = ? and workspace = ? and {where}"  # noqa: S608
        return [
            Version(
                r["seq"],
                r["path"],
                r["hash"],
                json.loads(r["doc"]),
                r["created_at"],
                bool(r["archived"]),
            )
            for r in self._db.rows(sql, self._kind, *values)
        ]

    def head(self, workspace: str, path: str) -> Version | None:
        found = self._load("path = ? order by seq desc limit 1", workspace, path)
        return found[0] if found else None

    def live(self, workspace: str, path: str) -> Version | None:
        head = self.head(workspace, path)
        return head if head and not head.archived else None

    def by_hash(self, workspace: str, hash_: str) -> Version | None:
        found = self._load("hash = ? order by seq desc limit 1", workspace, hash_)
        return found[0] if found else None

    def by_seq(self, workspace: str, seq: str) -> Version | None:
        found = self._load("seq = ?", workspace, seq)
        return found[0] if found else None

    def history(self, workspace: str, path: str) -> list[Version]:
        return self._load("path = ? order by seq desc", workspace, path)

    def heads(self, workspace: str) -> list[Version]:
        newest = "select max(seq) from version where kind = ? and workspace = ? group by path"
        return self._load(f"seq in ({newest}) order by path", workspace, self._kind, workspace)

    def add(self, workspace: str, path: str, hash_: str, doc: Doc) -> Version:
        with self._db.tx():
            self._db.insert(
                "version",
                {
                    "kind": self._kind,
                    "workspace": workspace,
                    "path": path,
                    "hash": hash_,
                    "doc": json.dumps(doc),
                    "created_at": time.time(),
                },
            )
            head = self.head(workspace, path)
        assert head
        return head

    def archive(self, workspace: str, path: str, archived: bool = True) -> bool:
        head = self.head(workspace, path)
        sql = "update version set archived = ? where seq = ?"
        return bool(head and self._db.run(sql, archived, head.seq))

    def delete(self, workspace: str, path: str) -> bool:
        sql = "delete from version where kind = ? and workspace = ? and path = ?"
        return self._db.run(sql, self._kind, workspace, path) > 0

    def is_folder(self, workspace: str, path: str) -> bool:
        known = "select 1 from version where kind = ? and workspace = ? and archived = 0"
        sql = f"{known} and path >= ? and path < ?"
        return bool(self._db.row(f"{sql} limit 1", self._kind, workspace, f"{path}/", f"{path}0"))
