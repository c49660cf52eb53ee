"""Says what went wrong in a script without saying what its data were.

Messages of Python quote values (`invalid literal for int(): '…'`). One is shown only where its words are the
author's own or the interpreter's; otherwise the line and the kind of error must do.
"""

from __future__ import annotations

import builtins
import re

from pydantic_monty import MontyCrashedError, MontyError, MontyRuntimeError, MontySyntaxError

_SPEAK_OF_TYPES = frozenset(
    {
        "AttributeError",
        "ImportError",
        "IndexError",
        "ModuleNotFoundError",
        "NameError",
        "NotImplementedError",
        "PermissionError",
        "RecursionError",
        "RuntimeError",
        "TypeError",
        "UnboundLocalError",
        "ZeroDivisionError",
    }
)
_LIMITS = {
    "time limit exceeded": "It ran longer than it may.",
    "memory limit": "It needs more memory than it may use.",
    "suspension limit": "It asked too often for names or files that it is not given.",
}
_HINTS = {"unexpected token $": " A token is written $(Name), with both brackets."}
_QUOTED = re.compile("'([^']*)'")
_EVAL_SUFFIX = re.compile(r" \(<string>, line \d+\)$")
_LONGEST_LINE = 120


def explain(error: MontyError, source: str, *, lines_before: int = 0) -> str:
    """What went wrong, in one line, with number and text of the author's line where there is one.

    `lines_before` is how many lines of ours ran before the author's `source`.
    """
    if isinstance(error, MontyCrashedError):
        return "It ended the process that ran it."
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return "It was given a value that is not JSON."
    message = _EVAL_SUFFIX.sub("", error.display("msg"))
    for mark, words in _LIMITS.items():
        if mark in message:
            return words
    kind = error.display("type-msg").partition(":")[0]
    number, line = _last_line(error, source)
    place = f"Line {number - lines_before}, `{line.strip()[:_LONGEST_LINE]}`: " if line else ""
    shown = isinstance(error, MontySyntaxError) or _is_free_of_data(kind, message, line, source)
    hint = next((words for mark, words in _HINTS.items() if mark in message), "")
    return f"{place}{kind}: {message}.{hint}" if shown else f"{place}{kind}."


def _last_line(error: MontyRuntimeError | MontySyntaxError, source: str) -> tuple[int, str]:
    for frame in reversed(error.traceback()):
        if frame.source_line and frame.source_line in source:
            return frame.line, frame.source_line
    return 0, ""


def _is_free_of_data(kind: str, message: str, line: str, source: str) -> bool:
    if f'"{message}"' in source or f"'{message}'" in source:
        return True
    quoted = _QUOTED.findall(message)
    known = all(each in source or each == "NoneType" or hasattr(builtins, each) for each in quoted)
    return kind in _SPEAK_OF_TYPES and "raise" not in line and known
