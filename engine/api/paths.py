import re

from starlette.requests import Request

from engine.errors import BadRequest

_PATH = re.compile(r"[ufg](/[\w@.+-]+){2,}")


def item_path(value: str) -> str:
    if not _PATH.fullmatch(value) or ".." in value:
        raise BadRequest(why=f"path {value!r} must look like f/folder/name or u/user/name")
    return value


def workspace(request: Request) -> str:
    name: str = request.path_params["workspace"]
    return name


def path(request: Request) -> str:
    name: str = request.path_params["path"]
    return name
