"""Learns the example's shapes from pictures of them."""

import base64
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw

from tests.serving.learning.chains import DATA, served, told

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    source = ("images", {"path": str(DATA / "shapes")})
    with served(tmp_path_factory.mktemp("shapes"), source, ("image-classifier", {})) as client:
        yield client


def encoded(image: Image.Image, format: str = "PNG") -> str:
    file = io.BytesIO()
    image.save(file, format)
    return base64.b64encode(file.getvalue()).decode()


def drawn(shape: str) -> Image.Image:
    """Larger and in colours that no training image has."""
    image = Image.new("RGB", (96, 96), "lightyellow")
    pen = ImageDraw.Draw(image)
    if shape == "circle":
        pen.ellipse((24, 26, 78, 80), fill="darkblue")
    elif shape == "square":
        pen.rectangle((24, 26, 78, 80), fill="darkblue")
    else:
        pen.polygon([(51, 26), (24, 80), (78, 80)], fill="darkblue")
    return image


@pytest.mark.parametrize("shape", ["circle", "square", "triangle"])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_an_image_gets_its_class(shapes: httpx.Client, shape: str, format: str) -> None:
    asked = {"input": {"image": encoded(drawn(shape), format)}}
    output = shapes.post("/predict", json=asked).json()["output"]
    assert output["label"] == shape
    assert output["probabilities"][shape] > 0.5


def test_an_address_with_data_in_it_is_taken_too(shapes: httpx.Client) -> None:
    text = f"data:image/png;base64,{encoded(drawn('circle'))}"
    asked = shapes.post("/predict", json={"input": {"image": text}})
    assert asked.json()["output"]["label"] == "circle"


def test_the_card_tells_how_good_it_is(shapes: httpx.Client) -> None:
    card = shapes.get("/model").json()
    assert (card["rows"], card["classes"]) == (48, ["circle", "square", "triangle"])
    assert card["metrics"]["accuracy"] > 0.85 > card["baseline"]["accuracy"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("x", 'Input 1: give an object with just "image", in base64'),
        ({"image": "?"}, "image: it is not base64"),
        ({"image": base64.b64encode(b"GIF89a").decode()}, "image: it is no whole image"),
        ({"image": encoded(Image.new("1", (8000, 8000)))}, "more than 40000000 pixels"),
    ],
)
def test_what_is_no_image_is_refused(shapes: httpx.Client, given: object, says: str) -> None:
    answer = shapes.post("/predict", json={"input": given})
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


def test_a_broken_image_is_named_or_skipped(tmp_path: Path) -> None:
    shutil.copytree(DATA / "shapes", tmp_path / "shapes")
    (tmp_path / "shapes" / "circle" / "00.png").write_bytes(b"not an image")
    path = str(tmp_path / "shapes")
    with served(tmp_path / "1", ("images", {"path": path}), ("image-classifier", {})) as client:
        assert "circle/00.png: it is no whole image" in told(client)
    source = ("images", {"path": path, "unreadable": "skip"})
    with served(tmp_path / "2", source, ("image-classifier", {})) as client:
        card = client.get("/model").json()
    assert card["rows"] == 47
    assert card["notes"][0].startswith("skipped: circle/00.png")


def test_a_folder_without_classes_is_told(tmp_path: Path) -> None:
    source = ("images", {"path": str(tmp_path)})
    with served(tmp_path / "data", source, ("image-classifier", {})) as client:
        assert "it holds 0 images; one folder a class" in told(client)
