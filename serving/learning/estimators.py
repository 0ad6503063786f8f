"""What learns: for each task something simple and something flexible; the better one is kept."""

from typing import Any

from serving.learning.features import Features

SEED = 0
TREES = 50


def classifiers(features: Features) -> dict[str, Any]:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    forest = RandomForestClassifier(TREES, random_state=SEED)
    return {
        "logistic regression": _after_encoder(features, LogisticRegression(max_iter=1000)),
        "random forest": _after_encoder(features, forest),
    }


def regressors(features: Features) -> dict[str, Any]:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import RidgeCV

    forest = RandomForestRegressor(TREES, random_state=SEED)
    return {
        "ridge regression": _after_encoder(features, RidgeCV()),
        "random forest": _after_encoder(features, forest),
    }


def _after_encoder(features: Features, estimator: Any) -> Any:
    from sklearn.pipeline import make_pipeline

    return make_pipeline(encoder(features), estimator)


def encoder(features: Features) -> Any:
    """Numbers scaled, their gaps filled and marked; categories one column each."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [at for at, item in enumerate(features.items) if item.column.kind == "number"]
    others = [at for at, item in enumerate(features.items) if item.column.kind != "number"]
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", scaled, numbers), ("categories", one_hot, others)])


def isolation_forest(features: Features) -> Any:
    from sklearn.ensemble import IsolationForest

    return _after_encoder(features, IsolationForest(n_estimators=100, random_state=SEED))
