from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest

from workflows.engine.expressions.sandbox import check_script, evaluate_expression, run_script
from workflows.engine.expressions.workers import Limits, run
from workflows.errors import ExpressionFailed

MIB = 1024 * 1024
SMALL = Limits(seconds=0.2, memory_bytes=8 * MIB, result_bytes=1000, source_characters=10_000, recursion=100)


def refusal(source: str, **inputs: Any) -> str:
    with pytest.raises(ExpressionFailed) as caught:
        run_script(source, inputs, SMALL)
    return str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "{'sum': a + 1, 'list': [a, None, 1.5, True, {'x': 'é'}]}",
        "return {'sum': a + 1, 'list': [a, None, 1.5, True, {'x': 'é'}]}",
        "import json\nx = json.loads('{\"x\": \"é\"}')\n{'sum': a + 1, 'list': [a, None, 1.5, True, x]}",
    ],
)
def test_a_script_gives_an_object(source: str) -> None:
    assert run_script(source, {"a": 1}) == {"sum": 2, "list": [1, None, 1.5, True, {"x": "é"}]}
    check_script(source)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("1", "gave a number; a script ends with an object"),
        ("x = {}", r"gave nothing \(null\)"),
        ("", "gave nothing"),
        ("[1]", "gave a list"),
        ("{'a': (1, 2)}", r"result\.a is a Python tuple"),
        ("{'a': {1}}", r"result\.a is a Python set"),
        ("{'a': float('nan')}", r"result\.a is not a finite number"),
        ("{1: 2}", "key that is no text"),
        ("{'': 2}", "empty key"),
        ("{'a': 'x\\0'}", r"result\.a holds a NUL"),
        ("{'a': 1 << 100000}", r"result\.a is a number with too many digits"),
        ("{'a': 'x' * 2000}", "at most 1,000 are allowed"),
        ("class A:\n    pass\n{'a': A()}", "which JSON does not have"),
        ("x = []\nfor i in range(100):\n    x = [x]\n{'a': x}", "levels deep"),
    ],
)
def test_what_cannot_enter_the_data_is_refused(source: str, problem: str) -> None:
    with pytest.raises(ExpressionFailed, match=problem):
        run_script(source, {}, SMALL)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("while True: pass", "ran longer"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "ran longer"),
        ("sum(range(10**12))", "ran longer"),
        ("while True: print('x' * 1000)", "ran longer"),
        ("x = []\nwhile True: x.append('abc' * 1000)", "more memory"),
        ("'x' * 10**10", "more memory"),
        ("[0] * 10**6", "more memory"),
        ("10 ** 10 ** 9", "more memory"),
        ("def f(): return f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("(" * 3000 + ")" * 3000, "SyntaxError: Source is too deeply nested"),
        ("import json\njson.loads('[' * 9000)", "JSONDecodeError"),
        ("while True:\n    try: open('x')\n    except Exception: pass", "asked too often"),
        ("'" + "x" * 10_000 + "'", "longer than 10,000 characters"),
        ("import re\nre.match(r'(a*)*b\\1', 'a' * 60)", "PatternError|ran longer"),
    ],
)
def test_every_resource_has_a_limit(source: str, problem: str) -> None:
    with pytest.raises(ExpressionFailed, match=problem):
        run_script(source, {}, SMALL)
    assert run_script("{'a': 1}", {}, SMALL) == {"a": 1}


@pytest.mark.parametrize(
    "source",
    [
        "open('/etc/passwd').read()",
        "import os\nos.environ['PATH']",
        "import os\nos.listdir('/')",
        "import os\nos.urandom(4)",
        "import os\nos.system('true')",
        "import socket",
        "import subprocess",
        "import urllib.request",
        "__import__('os')",
        "from pathlib import Path\nPath('/etc/passwd').read_text()",
        "().__class__.__bases__[0].__subclasses__()",
        "(lambda: 0).__globals__",
        "(lambda: 0).__code__",
        "globals()",
        "breakpoint()",
        "input()",
        "raise SystemExit('bye')",
    ],
)
def test_nothing_outside_can_be_reached(source: str) -> None:
    assert refusal(source).startswith("Line ")


def test_runs_do_not_see_each_other() -> None:
    run_script("left = 5\n{}", {"given": 1})
    assert "NameError" in refusal("{'a': left}")
    assert "NameError" in refusal("{'a': given}")


def test_the_clock_is_frozen_and_sleeping_takes_no_time() -> None:
    source = (
        "import time\nfrom datetime import datetime, timezone\nbefore = time.time()\ntime.sleep(10**6)\n"
        "{'now': datetime.now(timezone.utc).isoformat(), 'same': time.time() == before}"
    )
    now = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert run_script(source, {}, now=now) == {"now": now.isoformat(), "same": True}


def test_what_a_script_prints_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    run_script("print(secret)\n{}", {"secret": "hush"})
    captured = capfd.readouterr()
    assert "hush" not in captured.out + captured.err


@pytest.mark.parametrize("name", ["two words", "class", "None", "", "1a", "a-b"])
def test_inputs_have_names_that_python_allows(name: str) -> None:
    with pytest.raises(ExpressionFailed, match="not a name in Python"):
        run_script("{}", {name: 1})


class TestErrors:
    def test_line_and_text_are_given(self) -> None:
        assert refusal("a = 1\n\nif a:\n    a.missing\n") == (
            "Line 4, `a.missing`: AttributeError: 'int' object has no attribute 'missing'."
        )

    def test_the_line_is_that_of_the_innermost_function(self) -> None:
        assert refusal("def f(x):\n    return 1 / x\nf(0)").startswith(
            "Line 2, `return 1 / x`: ZeroDivisionError"
        )

    def test_the_authors_own_words_are_shown(self) -> None:
        assert refusal('raise ValueError("Department is unknown")').endswith(
            "ValueError: Department is unknown."
        )
        assert refusal("assert a == 2, 'not two'", a=1).endswith("AssertionError: not two.")

    @pytest.mark.parametrize(
        "source",
        ["int(v)", "{}[v]", "raise ValueError(v)", "raise TypeError(v)", "raise ValueError(f'bad {v}')",
         "assert v == 'x'", "getattr(1, v)", "[].index(v)", "import json\njson.loads(v)",
         "(lambda: 0)(**{v: 1})", "raise KeyError(v)", "raise NameError(f\"name '{v}' is not defined\")"],
    )  # fmt: skip
    def test_the_data_are_not(self, source: str) -> None:
        assert "hush" not in refusal(source, v="hush")

    def test_long_lines_are_cut(self) -> None:
        assert len(refusal("1 / 0 + " + "1 + " * 100 + "1")) < 250

    @pytest.mark.parametrize(
        ("source", "problem"),
        [("x = 1\ny = = 2", "Line 2, `y = = 2`: SyntaxError: Expected an expression"),
         ("def f(:\n  pass", "Line 1, `def f"), ("x = 1\ndel x", "Line 2, `del x`: NotImplementedError"),
         ("x" * 200_000, "longer than 100,000 characters"), ("'\ud800'", "SyntaxError")],
    )  # fmt: skip
    def test_a_script_that_cannot_run_shows_before_publishing(self, source: str, problem: str) -> None:
        with pytest.raises(ExpressionFailed, match=problem):
            check_script(source)

    def test_checking_executes_nothing(self) -> None:
        check_script("while True: pass")
        check_script("raise ValueError('at run time only')")


def test_an_expression_gives_json() -> None:
    assert evaluate_expression("[a * 2, {'b': None}]", {"a": 4}) == [8, {"b": None}]


def test_threads_share_the_workers() -> None:
    with ThreadPoolExecutor(8) as executor:
        results = list(executor.map(lambda n: run_script("{'n': n}", {"n": n}), range(40)))
    assert results == [{"n": n} for n in range(40)]


def test_a_worker_that_dies_is_replaced() -> None:
    limits = dataclasses.replace(SMALL, seconds=10)
    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(run, "while True: pass", {}, limits)
        while not running.done():
            for process in psutil.Process().children():
                if process.name() == "monty":
                    process.kill()
            time.sleep(0.01)
        with pytest.raises(ExpressionFailed, match="ended the process"):
            running.result()
    assert run("1 + 1", {}, SMALL) == 2


FORKED = """
import os
from workflows.engine.expressions.sandbox import run_script
if {before}:
    run_script("{{}}", {{}})
child = os.fork()
if child == 0:
    try:
        print("child", run_script("{{'a': 1}}", {{}}), flush=True)
    except RuntimeError as error:
        print("child", error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("parent", run_script("{{'a': 2}}", {{}}))
"""


@pytest.mark.parametrize(
    ("before", "child"), [(False, "{'a': 1}"), (True, "used before this process was forked")]
)
def test_a_fork_works_before_first_use_and_says_so_after(before: bool, child: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED.format(before=before)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert child in done.stdout
    assert "parent {'a': 2}" in done.stdout
