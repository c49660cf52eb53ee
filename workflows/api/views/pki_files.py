"""CRLs and CA certificates at the addresses that certificates carry (RFC 5280, 4.2.1.13 and 4.2.2.1).

Public and outside both mounts: whoever verifies a certificate has no credentials here.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import path
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import conditional_page, require_safe

from workflows.models import CertificateAuthority, CertificateRevocationList
from workflows.pki import decoding

CRL_SECONDS = 60  # a CRL follows a revocation within seconds; caches may lag behind by this much
CERTIFICATE_SECONDS = 24 * 60 * 60  # it changes when the CA is renewed


@require_safe
@conditional_page
def revocation_list(request: HttpRequest, name: str) -> HttpResponse:
    """The newest CRL of a CA in DER (RFC 2585, 4.2)."""
    crl = CertificateRevocationList.objects.filter(authority__crl_path=name).order_by("-number").first()
    if crl is None:
        return _nothing()
    response = _file(bytes(crl.der), "application/pkix-crl", CRL_SECONDS)
    response["ETag"] = quote_etag(str(crl.number))
    response["Last-Modified"] = http_date(crl.this_update.timestamp())
    return response


@require_safe
@conditional_page
def authority_certificate(request: HttpRequest, name: str) -> HttpResponse:
    """The CA's own certificate in DER (RFC 2585, 4.1)."""
    authority = CertificateAuthority.objects.filter(crl_path=name).first()
    if authority is None:
        return _nothing()
    own = decoding.load_chain(authority.chain_pem)[0]
    return _file(own.public_bytes(Encoding.DER), "application/pkix-cert", CERTIFICATE_SECONDS)


def _file(content: bytes, content_type: str, seconds: int) -> HttpResponse:
    caching = {"Cache-Control": f"public, max-age={seconds}"}
    return HttpResponse(content, content_type=content_type, headers=caching)


def _nothing() -> HttpResponse:
    return HttpResponseNotFound("There is no such file.\n", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("<slug:name>.crl", revocation_list),
    path("<slug:name>.cer", authority_certificate),
]
