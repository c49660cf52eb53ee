"""Who acts when somebody types a command on a server: he owns the machine, so he may do everything."""

from __future__ import annotations

import os
import pwd

from workflows.access.actors import Actor
from workflows.vocabulary.permissions import Permission


def operator() -> Actor:
    """The user of the operating system, as audit entries name him."""
    return Actor(None, f"Command line ({_user_name()})", frozenset({Permission.ALL}))


def _user_name() -> str:
    """By the kernel's account, not by the environment; containers often have no name for it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
