"""GET /model: what the model is, and how good on data it had not seen."""

from fastapi import APIRouter

from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.port_types import ModelCard, TrainedModel
from serving.runtime import Runtime


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter()

    @api.get("/model", responses=responses(503), summary="How good is it, and what does it take?")
    async def model() -> ModelCard:
        return runtime.provided(TrainedModel).card

    return api
