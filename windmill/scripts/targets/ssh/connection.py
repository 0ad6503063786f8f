"""The connection to a deployment's host, with what is known of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...model.drawing.place import HostPlace
from ...provision.ssh.login import Login
from ...provision.ssh.session import Session, open_session
from ...provision.workdir import deployment_folder
from .keys import private_key


@contextmanager
def connected(place: HostPlace, deployment_id: str, accepted: str = "") -> Iterator[Session]:
    login = Login(place.host, place.port, place.user, place.key, private_key(place.key))
    folder = deployment_folder(deployment_id) / "ssh"
    with open_session(login, folder, place.host_key, accepted) as session:
        yield session
