#!/usr/bin/env python3
"""Countersign's command line: `up` starts everything on this machine, the rest are Django's commands."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["up"]:
        # Before Django: the supervisor makes the secrets and addresses that the settings need.
        from config.supervisor import main as up  # noqa: PLC0415

        sys.exit(up(sys.argv[2:]))
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
