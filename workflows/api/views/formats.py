"""The form in which certificates are handed out, named by a header (contract, 1.1)."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter

from workflows.api.views.base import View
from workflows.errors import InvalidInput

FORMAT_HEADER = OpenApiParameter(
    "x-certificateformat", str, OpenApiParameter.HEADER, description="In any case; absent: PEM, or PFX."
)


class FormatView(View):
    def wanted_format(self, known: tuple[str, ...]) -> str:
        """The header's format in upper case, the first of `known` without one. Raises InvalidInput."""
        given = self.request.headers.get("x-certificateformat", "").strip().upper() or known[0]
        if given not in known:
            raise InvalidInput(f"x-certificateformat '{given[:20]}' is not served; use {' or '.join(known)}.")
        return given
