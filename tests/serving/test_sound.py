"""A recording is heard as people hear it."""

import io
import wave

import numpy as np
import pytest

from serving.models.sound import RATE, samples

TONE = (np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE) * 12_000).astype("<i2")


def recorded(*channels: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(len(channels))
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(np.stack(channels, axis=1).tobytes())
    return file.getvalue()


@pytest.mark.parametrize(
    ("channels", "loudest"),
    [
        ((TONE,), 12_000),
        ((TONE, TONE), 12_000),
        ((TONE, np.zeros_like(TONE)), 6_000),
        ((TONE, -TONE), 12_000),
        ((TONE, -(TONE * 0.95).astype("<i2")), 12_000),
    ],
    ids=["mono", "stereo", "one side", "one wire swapped", "nearly so"],
)
def test_channels_never_cancel_each_other_out(channels: tuple[object, ...], loudest: int) -> None:
    heard = samples(recorded(*channels))  # type: ignore[arg-type]
    assert len(heard) == RATE
    assert abs(heard).max() == pytest.approx(loudest / 32768, rel=0.02)
