"""Kinds of step parameters and of the controls that fill them (contract, 2.3).

The wire gives only numbers (0..7, 0..8); the names under `/api/` are ours. Control 8 is not used, because
clients of 11.2 raise on it.
"""

from __future__ import annotations

import enum


class ParameterType(enum.IntEnum):
    String = 0
    Integer = 1
    Boolean = 2
    Secret = 3
    StringArray = 4
    StringMap = 5
    Script = 6
    Json = 7


class ControlType(enum.IntEnum):
    Text = 0
    Number = 1
    Checkbox = 2
    Password = 3
    TextArea = 4
    List = 5
    Map = 6
    Select = 7
