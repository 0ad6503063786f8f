"""python -m gateway --host 127.0.0.1 --port 8000"""

import argparse
import os
import sys

import uvicorn
from pydantic import ValidationError

from gateway.app import create_app
from gateway.http.patience import Patient
from gateway.http.settings import Settings, read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    try:
        settings = read_settings(os.environ)
    except ValidationError as error:
        print(_explain(error), file=sys.stderr)
        return 1
    uvicorn.Server(configuration(settings, options.host, options.port)).run()
    return 0


def configuration(settings: Settings, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        http=Patient,
        ws="none",
        log_level="debug" if settings.debug else "info",
        access_log=settings.debug,
        timeout_graceful_shutdown=3,
        proxy_headers=False,  # the app has its own, which trusts whom the settings name
    )


def _explain(error: ValidationError) -> str:
    """Names the variables and never shows their values."""
    wrong = [f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
    return "error: the gateway's environment is not complete\n  " + "\n  ".join(wrong)


if __name__ == "__main__":
    sys.exit(main())
