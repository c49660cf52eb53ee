"""Stands in for a script runner: keeps its contract, and acts out what the script says in a word or two."""

from __future__ import annotations

import json
import os
import sys
import time

request = json.load(sys.stdin)
script, parameters = request["Script"], request["Parameters"]

if script == "echo":
    answer: object = {"Result": {"Got": parameters, "Cmdlets": request["AllowedCmdlets"]}}
elif script == "surroundings":
    answer = {"Result": {"Environment": sorted(os.environ), "Folder": os.getcwd()}}  # noqa: PTH109
elif script == "throw":
    answer = {"Error": parameters["text"]}
elif script == "nothing":
    answer = {"Result": None}
elif script == "list":
    answer = {"Result": [1]}
elif script == "large":
    answer = {"Result": {"x": "x" * 600_000}}
elif script == "busy":
    sys.exit(75)
elif script == "broken":
    sys.exit(3)
elif script == "hang":
    time.sleep(600)
else:
    answer = script
json.dump(answer, sys.stdout)
