"""Files of certificates as answers."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from workflows.actions.certificate_files import File

MEDIA_TYPES = {
    "cer": "application/pkix-cert",
    "p7b": "application/x-pkcs7-certificates",
    "pem": "application/x-pem-file",
    "pfx": "application/x-pkcs12",
    "zip": "application/zip",
}


def file_response(file: File) -> HttpResponse:
    """The file, for the browser's download folder."""
    media_type = MEDIA_TYPES[file.name.rpartition(".")[2]]
    response = HttpResponse(file.content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name) or ""
    return response
