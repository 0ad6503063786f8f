"""Files that people send from the builder: in parts, bounded, and in their folder alone."""

from pathlib import Path

import pytest

from tests.gateway.conftest import Connect

HALVES = (b"a,b\n1,2\n", b"3,4\n")


async def test_a_file_arrives_in_parts_and_is_there_as_it_was(
    connect: Connect, tmp_path: Path
) -> None:
    async with connect(mlops_uploads=str(tmp_path)) as http:
        first = await http.put("/builder/uploads/d1-data/a table.csv", content=HALVES[0])
        assert first.status_code == 200, first.text
        at = first.json()["bytes"]
        second = await http.put(f"/builder/uploads/d1-data/a table.csv?at={at}", content=HALVES[1])
        kept = Path(second.json()["path"])
        assert kept.read_bytes() == b"".join(HALVES)
        assert kept.parent == tmp_path / "d1-data" == Path(second.json()["folder"])
        late = await http.put(f"/builder/uploads/d1-data/a table.csv?at={at}", content=b"x")
        assert (late.status_code, late.json()["error"]["code"]) == (409, "upload_out_of_step")
        listed = (await http.get("/builder/uploads/d1-data")).json()
        assert listed == {"a table.csv": len(b"".join(HALVES))}
        await http.delete("/builder/uploads/d1-data")
        assert not kept.exists()


@pytest.mark.parametrize(
    "place",
    [
        "..%2fout/x.csv",
        "d/..",
        "D/x.csv",
        "d/.hidden",
        "d/a%5cb",
        "../x/y",
        pytest.param(f"d/{'%C3%A4' * 140}", id="280 bytes"),
    ],
)
async def test_a_name_leads_nowhere_else_and_fits_a_file_system(
    connect: Connect, tmp_path: Path, place: str
) -> None:
    kept = tmp_path / "kept"
    async with connect(mlops_uploads=str(kept)) as http:
        answer = await http.put(f"/builder/uploads/{place}", content=b"x")
    assert answer.status_code in (404, 405, 422)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


async def test_what_is_too_much_is_refused_and_none_of_it_kept(
    connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/big").write_bytes(bytes(999_999))
    async with connect(mlops_uploads=str(tmp_path), max_upload_mb=1) as http:
        assert (await http.put("/builder/uploads/d/fits", content=b"x")).status_code == 200
        full = await http.put("/builder/uploads/d/more", content=b"x")
    assert (full.status_code, full.json()["error"]["code"]) == (413, "uploads_full")
    assert not (tmp_path / "d/more").exists()


async def test_without_a_folder_for_them_nothing_is_taken(connect: Connect) -> None:
    async with connect() as http:
        answer = await http.put("/builder/uploads/d/x", content=b"x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_uploads")
