"""Secret variables are encrypted in the engine's database, each for its own place."""

import json
from pathlib import Path

import pytest

from engine.errors import KeyFileOpen, SecretKeyMissing, SecretUnreadable
from engine.store.cipher import Cipher, keys_of
from engine.store.db import Database
from engine.store.items import Items
from engine.store.jobs import Job, Jobs, token_digest
from engine.store.signing import signing_secret
from engine.store.variables import Variables

CANARY = "a-canary-nobody-may-find"
OLD, NEW = "an-old-key-of-more-than-32-characters", "a-new-key-of-more-than-32-characters"
SECRET = {"value": CANARY, "is_secret": True, "description": ""}


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_a_secret_stands_nowhere_in_the_files_and_is_given_back(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.db")
    variables = Variables(db, Cipher([OLD]))
    variables.put("w", "f/a", SECRET)
    assert CANARY.encode() not in written(tmp_path)
    found = variables.get("w", "f/a")
    assert found
    assert found.doc == SECRET
    assert [item.doc for item in variables.list("w")] == [SECRET]
    db.close()


def test_what_was_kept_plain_is_sealed_and_wiped(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.db")
    Items(db, "variable").put("w", "f/a", SECRET)
    assert CANARY.encode() in written(tmp_path)
    Variables(db, Cipher([OLD])).seal_all()
    assert CANARY.encode() not in written(tmp_path)
    db.close()


def test_a_new_key_seals_again_and_the_old_one_can_go(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.db")
    Variables(db, Cipher([OLD])).put("w", "f/a", SECRET)
    with pytest.raises(SecretKeyMissing):
        Variables(db, Cipher([NEW])).seal_all()
    Variables(db, Cipher([NEW, OLD])).seal_all()
    found = Variables(db, Cipher([NEW])).get("w", "f/a")
    assert found
    assert found.doc == SECRET
    db.close()


def test_a_row_is_of_no_use_in_another_place(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.db")
    variables = Variables(db, Cipher([OLD]))
    variables.put("w", "f/a", SECRET)
    db.run("update item set path = 'f/b'")
    with pytest.raises(SecretUnreadable):
        variables.get("w", "f/b")
    assert "value" not in json.loads(db.value("select doc from item"))
    db.close()


def test_the_key_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "engine.db.key"
    made = keys_of((), file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys_of((), file) == made
    assert keys_of((NEW,), file) == (NEW, *made)
    file.chmod(0o640)
    with pytest.raises(KeyFileOpen):
        keys_of((), file)


def test_the_secret_of_approval_links_is_sealed_and_stays_the_same(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.db")
    plain = "c0ffee" * 10
    db.run("insert into meta values ('secret', ?)", plain)
    secret = signing_secret(db, Cipher([OLD]))
    assert secret == bytes.fromhex(plain)
    assert plain.encode() not in written(tmp_path)
    assert signing_secret(db, Cipher([NEW, OLD])) == secret
    assert signing_secret(db, Cipher([NEW])) == secret
    with pytest.raises(SecretKeyMissing):
        signing_secret(db, Cipher([OLD]))
    db.close()


def test_a_job_is_known_by_its_token_and_only_a_digest_is_kept(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.db")
    jobs = Jobs(db)
    job = jobs.add(Job("w", "script"))
    jobs.update(job.id, state="running", token=token_digest(CANARY))
    assert jobs.by_token(CANARY) == job.id
    assert jobs.by_token(token_digest(CANARY)) is None
    assert CANARY.encode() not in written(tmp_path)
    db.close()
