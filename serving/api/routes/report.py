"""GET /report for people and programs, GET /gate for pipelines that must stop, POST /evaluate."""

import html
from string import Template
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.errors import GateClosed
from serving.port_types import Report
from serving.runtime import Runtime

FAILURES = responses(409, 503)
PAGE = Template("""<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.4rem;
text-align:left;vertical-align:top}.yes{color:#176b35}.no{color:#a11d1d}</style>
<h1 class="$mood">$verdict</h1><p>$score of $count questions right by <b>$metric</b>,
$required required. $endpoint</p><table><tr><th>Question<th>Expected<th>Answer<th>Right<th>Alike
<th>Seconds</tr>$rows</table></html>""")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter()

    @api.get("/report", responses=FAILURES, summary="What the latest evaluation found")
    async def report(request: Request) -> Response:
        latest = dict(runtime.provided(Report).latest)
        if "text/html" in request.headers.get("accept", ""):
            headers = {"Content-Security-Policy": POLICY}
            return HTMLResponse(_page(latest), headers=headers)
        return JSONResponse({**latest, "running": runtime.provided(Report).running})

    @api.get("/gate", responses=FAILURES, summary="200 if the evaluation passed, else 409")
    async def gate() -> dict[str, Any]:
        latest = runtime.provided(Report).latest
        if not latest["passed"]:
            raise GateClosed(score=latest["score"], required=latest["required"])
        return {"passed": True, "score": latest["score"]}

    @api.post("/evaluate", status_code=202, responses=FAILURES, summary="Evaluate again")
    async def evaluate() -> dict[str, bool]:
        runtime.provided(Report).start()
        return {"running": True}

    return api


def _page(latest: dict[str, Any]) -> str:
    passed = latest["passed"]
    return PAGE.substitute(
        mood="yes" if passed else "no",
        verdict="Passed" if passed else "Not passed",
        score=f"{latest['score']:.0%}",
        required=f"{latest['required']:.0%}",
        count=latest["count"],
        metric=latest["metric"],
        endpoint=html.escape(latest["endpoint"]),
        rows="".join(map(_row, latest["questions"])),
    )


def _row(scored: dict[str, Any]) -> str:
    answer = scored["answer"] or scored["error"]
    cells = [scored["question"], " / ".join(scored["expected"]), answer]
    written = "".join(f"<td>{html.escape(cell)}" for cell in cells)
    right = '<td class="yes">yes' if scored["passed"] else '<td class="no">no'
    return f"<tr>{written}{right}<td>{scored['similarity']:.2f}<td>{scored['seconds']:.1f}</tr>"
