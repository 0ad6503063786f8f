"""Recordings to samples, in any container and codec that FFmpeg reads, which is inside PyAV."""

import io
from collections.abc import Iterator
from typing import Any

MOST_SECONDS = 600
RATE = 16_000


def samples(content: bytes) -> Any:
    """One channel of floats, RATE a second. Raises ValueError, and decodes no more than is taken:
    a small file may hold hours.
    """
    import av
    import numpy as np

    parts: list[Any] = []
    count = 0
    try:
        with av.open(io.BytesIO(content), mode="r", metadata_errors="ignore") as container:
            for part in _resampled(container):
                parts.append(part)
                count += len(part)
                if count > MOST_SECONDS * RATE:
                    raise ValueError(f"longer than {MOST_SECONDS} seconds")
    except (av.FFmpegError, IndexError):
        raise ValueError("no sound can be read from it") from None
    if not parts:
        raise ValueError("no sound can be read from it")
    return np.concatenate(parts).astype(np.float32) / 32768


def _resampled(container: Any) -> Iterator[Any]:
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in _frames(container):
        for part in resampler.resample(frame):
            yield part.to_ndarray().ravel()
    for part in resampler.resample(None):
        yield part.to_ndarray().ravel()


def _frames(container: Any) -> Iterator[Any]:
    """What comes before damage is kept."""
    import av

    frames = container.decode(audio=0)
    while True:
        try:
            yield next(frames)
        except StopIteration:
            return
        except av.error.InvalidDataError:
            continue
