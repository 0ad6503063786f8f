"""Variables: what is secret of them is sealed in the database, and plain only in this process."""

import json

from engine.store.cipher import Cipher
from engine.store.db import Database
from engine.store.items import Doc, Items

KIND = "variable"


class Variables(Items):
    def __init__(self, db: Database, cipher: Cipher) -> None:
        super().__init__(db, KIND)
        self._cipher = cipher

    def _written(self, workspace: str, path: str, doc: Doc) -> str:
        if not doc["is_secret"]:
            return super()._written(workspace, path, doc)
        sealed = self._cipher.seal(json.dumps(doc["value"]), _place(workspace, path))
        kept = {key: value for key, value in doc.items() if key != "value"}
        return super()._written(workspace, path, {**kept, "sealed": sealed})

    def _read(self, workspace: str, path: str, text: str) -> Doc:
        doc = super()._read(workspace, path, text)
        if "sealed" not in doc:
            return doc
        value = json.loads(self._cipher.open(doc.pop("sealed"), _place(workspace, path)))
        return {**doc, "value": value}

    def seal_all(self) -> None:
        """What an earlier version kept plain or an earlier key sealed. Raises EngineError."""
        rows = self._db.rows("select workspace, path, doc from item where kind = ?", KIND)
        read = [(row["workspace"], row["path"], row["doc"]) for row in rows]
        docs = {each: self._read(*each) for each in read}
        old = [each for each in read if docs[each]["is_secret"] and not self._is_sealed(each[2])]
        with self._db.tx():
            for workspace, path, text in old:
                written = self._written(workspace, path, docs[workspace, path, text])
                sql = "update item set doc = ? where kind = ? and workspace = ? and path = ?"
                self._db.run(sql, written, KIND, workspace, path)
        if old:
            self._db.wipe()

    def _is_sealed(self, text: str) -> bool:
        return self._cipher.is_current(json.loads(text).get("sealed", ""))


def _place(workspace: str, path: str) -> str:
    return f"{KIND}/{workspace}/{path}"
