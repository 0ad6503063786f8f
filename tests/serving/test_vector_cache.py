from pathlib import Path

import numpy as np
import pytest

from serving.models.vector_cache import VectorCache


def vector(value: float) -> np.ndarray:
    return np.full(384, value, dtype=np.float32)


def test_what_was_saved_is_loaded_by_another_cache_of_the_same_model_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "vectors.sqlite"
    VectorCache(path, "a").save({f"k{n}": vector(n) for n in range(1200)})

    found = VectorCache(path, "a").load([f"k{n}" for n in range(1200)] + ["unknown"])
    assert len(found) == 1200
    assert (found["k7"] == vector(7)).all()
    assert VectorCache(path, "b").load(["k7"]) == {}


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"?" * 5000]
)
def test_a_damaged_cache_is_begun_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(content)

    cache = VectorCache(path, "a")
    assert cache.load(["k"]) == {}
    cache.save({"k": vector(1)})
    assert "k" in cache.load(["k"])


def test_what_is_not_kept_leaves_the_files(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    cache = VectorCache(path, "a")
    cache.save({"kept": vector(1), "gone": vector(0.777)})
    cache.keep_only(["kept", "never-there"])
    assert set(VectorCache(path, "a").load(["kept", "gone"])) == {"kept"}
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert vector(0.777).tobytes()[:400] not in written
    assert vector(1).tobytes()[:400] in written
