"""Forecasts from a series' own past, judged by what they would have said at earlier moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Method = Literal["regression on earlier values", "as a season ago"]
REGRESSION: Method = "regression on earlier values"
SEASON_AGO: Method = "as a season ago"
ORIGINS = 24
OWN_LAGS = 3
MOST_LAGS = 60


@dataclass(frozen=True)
class Backtest:
    method: Method
    error: float
    percentage: float
    baseline: float
    coverage: float  # of the intervals, on moments they were not made from
    widths: tuple[float, ...]  # half an interval, by step
    origins: int


def backtest(values: Sequence[float], season: int, horizon: int, confidence: float) -> Backtest:
    import numpy as np

    series = np.asarray(values, dtype=float)
    first = max(2 * season + 2, len(series) - horizon - ORIGINS + 1, len(series) // 2)
    origins = range(first, len(series) - horizon + 1)
    true = np.array([series[at : at + horizon] for at in origins])
    predicted: dict[Method, Any] = {
        method: np.array(
            [continued(series[:at].tolist(), season, horizon, method) for at in origins]
        )
        for method in (REGRESSION, SEASON_AGO)
    }
    errors = {method: float(np.abs(guess - true).mean()) for method, guess in predicted.items()}
    best = min(errors, key=lambda method: errors[method])
    misses = np.abs(predicted[best] - true)
    earlier, later = misses[::2], misses[1::2]
    return Backtest(
        method=best,
        error=errors[best],
        percentage=100 * float(misses.sum() / max(np.abs(true).sum(), 1e-12)),
        baseline=errors[SEASON_AGO],
        coverage=float((later <= _widths(earlier, confidence)).mean()) if len(later) else 1.0,
        widths=tuple(_widths(misses, confidence).tolist()),
        origins=len(origins),
    )


def continued(values: Sequence[float], season: int, horizon: int, method: Method) -> list[float]:
    import numpy as np

    series = np.asarray(values, dtype=float)
    if method == SEASON_AGO:
        return [float(series[-season + at % season]) for at in range(horizon)]
    return _regressed(series, season, horizon)


def _regressed(series: Any, season: int, horizon: int) -> list[float]:
    """Each step is predicted from those before, the predicted ones among them. Growth is learnt as
    a share where all is positive: what doubles in January doubles in June.
    """
    import numpy as np
    from sklearn.linear_model import Ridge

    relative = bool((series > 0).all())
    line = np.log(series) if relative else series
    lags = _lags(len(line), season)
    rows = range(max(lags), len(line))
    level = float(line.mean())
    seen = np.array([[line[at - lag] - level for lag in lags] for at in rows])
    model = Ridge(alpha=1e-3).fit(seen, line[max(lags) :] - level)
    extended = list(line - level)
    for _ in range(horizon):
        extended.append(float(model.predict([[extended[-lag] for lag in lags]])[0]))
    future = np.array(extended[-horizon:]) + level
    return [float(value) for value in (np.exp(future) if relative else future)]


def _lags(length: int, season: int) -> list[int]:
    near = range(1, OWN_LAGS + 1)
    seasonal = [season - 1, season, season + 1, 2 * season] if season > 1 else []
    most = min(MOST_LAGS + season, length // 3)
    return sorted({lag for lag in (*near, *seasonal) if 1 <= lag <= most})


def _widths(misses: Any, confidence: float) -> Any:
    """Never narrower further ahead: that would only be chance."""
    import numpy as np

    return np.maximum.accumulate(np.quantile(misses, confidence, axis=0, method="higher"))
