"""Files of certificates, without and with their keys: /Certificates/Download and /Recover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.actions import certificates
from workflows.actions.certificate_files import ENDINGS, ENDINGS_WITH_KEY, File, Packing
from workflows.api.serializers.certificates import answers as shown
from workflows.api.serializers.certificates import requests as asked
from workflows.api.views.base import operation, route
from workflows.api.views.certificates import READ
from workflows.api.views.formats import FORMAT_HEADER, FormatView
from workflows.pki.chains import parse_chain_order
from workflows.vocabulary.permissions import Permission


class Download(FormatView):
    @operation(
        body=asked.DownloadRequest,
        query=asked.Collection,
        answer=shown.Download,
        permission=READ,
        parameters=[FORMAT_HEADER],
    )
    def post(self, body: dict[str, Any], query: Mapping[str, Any]) -> File:
        """A certificate without its key."""
        packing = _packing(body, self.wanted_format(tuple(ENDINGS)))
        return certificates.download(asked.named(body), packing, actor=self.actor)


class Recover(FormatView):
    @operation(
        body=asked.RecoveryRequest,
        query=asked.Collection,
        answer=shown.Recovery,
        permission=(Permission.CERTIFICATES_PRIVATE_KEY_READ, Permission.ENROLLMENT_PFX),
        parameters=[FORMAT_HEADER],
    )
    def post(self, body: dict[str, Any], query: Mapping[str, Any]) -> File:
        """A certificate with its key, protected by the password; one that is not retained is had once."""
        packing = _packing(body, self.wanted_format(tuple(ENDINGS_WITH_KEY)))
        return certificates.recover(asked.named(body), body.pop("password"), packing, actor=self.actor)


def _packing(body: Mapping[str, Any], file_format: str) -> Packing:
    return Packing(
        file_format,
        include_chain=bool(body["include_chain"]),
        chain_order=parse_chain_order(body["chain_order"]),
        legacy=bool(body.get("use_legacy_encryption")),
    )


routes = [
    route("Certificates/Download", Download),
    route("Certificates/Recover", Recover),
]
