"""POST /predict and /batch, for a pipeline that ends in a predictor."""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.strict_bodies import StrictRoute
from serving.port_types import Predictor, TrainedModel
from serving.runtime import Runtime

FAILURES = responses(413, 422, 503)


class PredictRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    input: Any


class PredictAnswer(BaseModel):
    output: Any


class TakesAnswer(BaseModel):
    kind: Literal["any", "row", "text", "image", "audio", "horizon"]
    columns: list[dict[str, Any]] = Field(description="of a row, with what was seen of each")
    example: Any


class BatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inputs: list[Any] = Field(min_length=1, max_length=1000)


class BatchAnswer(BaseModel):
    outputs: list[Any]


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter(route_class=StrictRoute)

    @api.get("/predict", responses=responses(503), summary="What is an input, with an example?")
    async def takes() -> TakesAnswer:
        told = runtime.provided(Predictor).takes
        return TakesAnswer(
            kind=told.kind, columns=list(map(dict, told.columns)), example=told.example
        )

    @api.post("/predict", responses=FAILURES, summary="Predict for one input")
    async def predict(body: PredictRequest) -> PredictAnswer:
        (output,) = await predict_all(runtime, metrics, [body.input])
        return PredictAnswer(output=output)

    @api.post("/batch", responses=FAILURES, summary="Predict for many inputs")
    async def batch(body: BatchRequest) -> BatchAnswer:
        return BatchAnswer(outputs=await predict_all(runtime, metrics, body.inputs))

    return api


async def predict_all(runtime: Runtime, metrics: Metrics, inputs: Sequence[Any]) -> list[Any]:
    predictor = runtime.provided(Predictor)
    outputs = list(await predictor.predict(inputs))
    for output in outputs if isinstance(predictor, TrainedModel) else ():
        metrics.predicted(str(output.get("label", "")), unfamiliar=bool(output.get("warnings")))
    return outputs
