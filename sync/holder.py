"""What others are told of who pushes."""

import getpass
import os
import socket


def this_holder() -> str:
    """A container's user may have a number and no name."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
