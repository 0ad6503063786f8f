"""POST /predict and /batch, for a pipeline that ends in a predictor."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.ports import Predictor
from serving.runtime import Runtime

FAILURES = responses(413, 422, 503)


class PredictRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    input: Any


class PredictAnswer(BaseModel):
    output: Any


class BatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inputs: list[Any] = Field(min_length=1, max_length=1000)


class BatchAnswer(BaseModel):
    outputs: list[Any]


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter()

    @api.post("/predict", responses=FAILURES, summary="Predict for one input")
    async def predict(body: PredictRequest) -> PredictAnswer:
        (output,) = await runtime.provided(Predictor).predict([body.input])
        return PredictAnswer(output=output)

    @api.post("/batch", responses=FAILURES, summary="Predict for many inputs")
    async def batch(body: BatchRequest) -> BatchAnswer:
        return BatchAnswer(outputs=list(await runtime.provided(Predictor).predict(body.inputs)))

    return api
