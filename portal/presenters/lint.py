"""pkilint's findings for people: the worst first, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from portal.looks import Look
from workflows.pki.opinions import Finding, Severity

LOOKS = {
    Severity.FATAL: Look("octagon-x", "failed", _("Fatal")),
    Severity.ERROR: Look("triangle-alert", "failed", _("Error")),
    Severity.WARNING: Look("triangle-alert", "waiting", _("Warning")),
    Severity.NOTICE: Look("info", "quiet", _("Notice")),
}


@dataclass(frozen=True)
class Line:
    look: Look
    text: str
    code: str
    node: str


def lines(findings: Sequence[Finding]) -> list[Line]:
    return [
        Line(LOOKS[each.severity], each.message or _in_words(each.code), each.code, each.node)
        for each in findings
    ]


def _in_words(code: str) -> str:
    """`pkix.unknown_extension_present` says enough when it is read as a sentence."""
    return code.rpartition(".")[2].replace("_", " ").capitalize()
