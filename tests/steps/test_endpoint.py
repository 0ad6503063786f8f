"""What a deployed pipeline offers, read from the document that FastAPI writes."""

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from windmill.scripts.provision.endpoint import offered, takes_csv, tells_inputs


class Flower(BaseModel):
    petals: int
    colour: str = "red"


class Predict(BaseModel):
    input: Flower


class Batch(BaseModel):
    inputs: list[Flower]


class Told(BaseModel):
    text: str = Field(examples=["It rains."])


@pytest.mark.parametrize(
    ("body", "example"),
    [
        (Predict, {"input": {"petals": 0}}),
        (Batch, {"inputs": [{"petals": 0}]}),
        (Told, {"text": "It rains."}),
    ],
)
def test_an_offer_has_a_body_to_begin_with(body: type[BaseModel], example: Any) -> None:
    api = FastAPI()

    @api.post("/predict", summary="Predict")
    def predict(given: body) -> None: ...  # type: ignore[valid-type]

    (offer,) = offered(api.openapi())
    assert offer == {"path": "/predict", "summary": "Predict", "example": example}


def test_what_takes_a_file_and_what_an_input_is_are_found_in_the_document() -> None:
    api = FastAPI()
    taken: dict[str, Any] = {"requestBody": {"content": {"text/csv": {}}}}
    api.post("/batch/csv", openapi_extra=taken)(lambda: None)
    assert takes_csv(api.openapi()) == ["/batch/csv"]
    assert not tells_inputs(api.openapi())
    asking = FastAPI()
    asking.get("/predict")(lambda: None)
    assert takes_csv(asking.openapi()) == []
    assert tells_inputs(asking.openapi())


def test_what_takes_no_json_is_not_offered() -> None:
    api = FastAPI()
    api.get("/health")(lambda: None)
    api.post("/reload")(lambda: None)
    assert offered(api.openapi()) == []
