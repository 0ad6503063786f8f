"""The image of one pipeline's API, from deploy/serving/Dockerfile; only its base is a stand-in."""

from pathlib import Path

from tests.docker_engine.engine import Engine

ROOT = Path(__file__).parents[2]
# The file beside the Dockerfile, which the tests' Docker does not read, leaves out all else.
SHIPPED = (*ROOT.glob("requirements/serving*.lock"), *(ROOT / "serving").rglob("*"))


def build_image(engine: Engine, name: str, environment: str) -> str:
    """`environment` is the one that the pipeline's components name."""
    engine.python_image()
    context = {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in SHIPPED
        if path.suffix in (".py", ".html", ".css", ".js", ".lock")
    }
    dockerfile = (ROOT / "deploy/serving/Dockerfile").read_text()
    told = f"--build-arg=ENVIRONMENT={environment}"
    context["Dockerfile"] = dockerfile
    # By a name of its own the stage stays for the next run.
    engine.build(f"{name}-packages", context, told, "--target=packages")
    return engine.build(name, context, told)
