"""`python -m sync plan|push`: the thinnest terminal over sync.api."""

import argparse
import json
import os
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.model.show.printable import printable

from .api import (
    Action,
    Drift,
    N8n,
    Plan,
    Windmill,
    desired,
    ends_orphans,
    local_tag,
    n8n_settings,
    plan,
    plan_file,
    push,
    refuse_other,
    this_holder,
)

DONE, ERROR, PENDING, INTERRUPTED = 0, 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        with Windmill(options.windmill_url, options.workspace, options.token) as windmill:
            return _run(options, windmill)
    except MlopsError as error:
        _print_error(error, options.json)
        return PENDING if isinstance(error, Drift) else ERROR
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(options: argparse.Namespace, windmill: Windmill) -> int:
    settings = n8n_settings(os.environ)
    with N8n.of(settings) if settings else nullcontext() as n8n:
        tag, ends = local_tag(os.environ), ends_orphans(os.environ)
        planned = plan(desired(options.root, settings, tag=tag, end_orphans=ends), windmill, n8n)
        addresses = (f"{windmill.base_url}/{windmill.workspace}", *([n8n.base_url] if n8n else ()))
        if options.command == "push":
            if file := options.plan:
                refuse_other(planned, addresses, file.read_bytes(), str(file))
            return _push(planned, windmill, n8n, options)
        if options.plan:
            options.plan.write_text(plan_file(planned, addresses), "utf-8")
    _print(planned.as_dict() if options.json else planned.explain(), options.json)
    return DONE if planned.is_empty else PENDING


def _push(planned: Plan, windmill: Windmill, n8n: N8n | None, options: argparse.Namespace) -> int:
    def show(action: Action, seconds: float) -> None:
        if not options.json:
            print(printable(f"{action}  {seconds:.2f} s"))

    say = partial(print, file=sys.stderr)
    result = push(
        planned, windmill, show, force=options.force, n8n=n8n, holder=this_holder(), on_wait=say
    )
    done = f"{len(result.written)} written, {result.unchanged} unchanged in {result.seconds:.2f} s"
    _print(result.as_dict() if options.json else [done], options.json)
    return DONE


def _print(what: Any, as_json: bool) -> None:
    print(json.dumps(what, indent=2) if as_json else printable("\n".join(what)))


def _print_error(error: MlopsError, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": error.as_dict()}, indent=2))
    else:
        print(f"error: {printable(str(error))}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync", description=__doc__)
    parser.add_argument("command", choices=("plan", "push"))
    told = "a file: `plan` writes it, `push` writes nothing unless it is still exactly that"
    parser.add_argument("--plan", type=Path, help=told)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    url = os.environ.get("WINDMILL_API_URL", "http://127.0.0.1:3000")
    parser.add_argument("--windmill-url", default=url)
    parser.add_argument("--workspace", default=os.environ.get("WINDMILL_WORKSPACE", "mlops"))
    token = os.environ.get("WINDMILL_API_KEY", "")
    parser.add_argument("--token", default=token, help="default: $WINDMILL_API_KEY")
    parser.add_argument("--force", action="store_true", help="overwrite changes made there")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
