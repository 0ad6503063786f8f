"""GET /docs: Swagger UI as this machine has it; nothing comes from elsewhere."""

import html
import secrets
from pathlib import Path
from string import Template

import fastapi_offline
from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

SWAGGER_UI = Path(fastapi_offline.__file__).parent / "static"
POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data:; "
    "style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Addresses are relative: a provider's proxy may put a path before ours.
PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>$title</title>
<link rel="stylesheet" nonce="$nonce" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script nonce="$nonce" src="docs/swagger-ui-bundle.js"></script>
<script nonce="$nonce">
  const DOCUMENT = "openapi.json";
  const key = sessionStorage.getItem("key");  // that the page before this one was given

  function showKey(request) {
    if (key) request.headers.Authorization ??= "Bearer " + key;
    return request;
  }

  function askForKey(response) {
    if (response.status === 401 && response.url.endsWith(DOCUMENT)) location.replace("./");
    return response;
  }

  SwaggerUIBundle({
    url: DOCUMENT, dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
    requestInterceptor: showKey, responseInterceptor: askForKey,
  });
</script>
</html>
""")


def router(title: str) -> APIRouter:
    """Gateway and serving have this text each; a test holds them together."""
    api = APIRouter(include_in_schema=False)

    @api.get("/docs")
    def page() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
        return HTMLResponse(PAGE.substitute(title=html.escape(title), nonce=nonce), headers=headers)

    @api.get("/docs/swagger-ui.css")
    def style() -> FileResponse:
        return FileResponse(SWAGGER_UI / "swagger-ui.css", media_type="text/css")

    @api.get("/docs/swagger-ui-bundle.js")
    def script() -> FileResponse:
        return FileResponse(SWAGGER_UI / "swagger-ui-bundle.js", media_type="text/javascript")

    return api
