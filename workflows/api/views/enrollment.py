"""/Enrollment: requests for certificates, and what may be requested (contract, 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rest_framework.response import Response

from workflows.actions import certificate_files, certificates, enrollment
from workflows.actions.certificate_files import Packing
from workflows.actions.certificates import CertificateName
from workflows.api import waiting
from workflows.api.enrollments import EnrollmentAnswer, answer_to
from workflows.api.headers import AGAIN_LATER
from workflows.api.serializers.enrollment.answers import CsrAnswer, PfxAnswer
from workflows.api.serializers.enrollment.contexts import EnrollmentSettings, OfferedTemplates
from workflows.api.serializers.enrollment.requests import (
    CsrRequest,
    CsrText,
    ForceEnroll,
    PfxRequest,
    csr_wish,
    pfx_wish,
)
from workflows.api.serializers.failures import EnrollmentFailure
from workflows.api.views.base import View, operation, route
from workflows.api.views.formats import FORMAT_HEADER, FormatView
from workflows.encryption import Secret
from workflows.errors import NotFound
from workflows.models import Certificate, CertificateTemplate, MetadataField, PrivateKey
from workflows.pki import requests
from workflows.pki.chains import parse_chain_order
from workflows.vocabulary.enrollment import EnrollmentType, MetadataEnrollment, PrivateKeyStatus
from workflows.vocabulary.permissions import Permission

BY_CSR, BY_PFX = Permission.ENROLLMENT_CSR, Permission.ENROLLMENT_PFX


class CsrEnrollment(FormatView):
    @operation(
        body=CsrRequest,
        query=ForceEnroll,
        answer=CsrAnswer,
        permission=BY_CSR,
        failure=EnrollmentFailure,
        parameters=[FORMAT_HEADER, AGAIN_LATER],
    )
    def post(self, body: dict[str, Any], query: Mapping[str, Any]) -> EnrollmentAnswer | Response:
        """Request a certificate for a signing request; answers when it is issued, awaited or refused."""
        wish = csr_wish(body, self.wanted_format(("PEM", "DER")))
        answer = answer_to(enrollment.enroll(wish, actor=self.actor))
        if answer.certificate is None:
            return waiting.answer(CsrAnswer, answer, self.context, [answer.instance])
        packing = Packing(wish.certificate_format, include_chain=wish.include_chain)
        subjects = bool(body["include_subject_header"])
        texts = certificate_files.texts(answer.certificate, packing, with_subjects=subjects)
        return replace(answer, certificates=texts)


class PfxEnrollment(FormatView):
    @operation(body=PfxRequest, answer=PfxAnswer, permission=BY_PFX, parameters=[FORMAT_HEADER, AGAIN_LATER])
    def post(self, body: dict[str, Any]) -> EnrollmentAnswer | Response:
        """Request a certificate whose key is made here; its file is made with the password, and only now."""
        password: Secret[str] = body.pop("password")
        wish = pfx_wish(body, self.wanted_format(("PFX", "ZIP")))
        packing = Packing(
            wish.certificate_format,
            include_chain=wish.include_chain,
            chain_order=parse_chain_order(body["chain_order"]),
            legacy=bool(body["use_legacy_encryption"]),
        )
        answer = answer_to(enrollment.enroll(wish, actor=self.actor))
        if answer.certificate is None:
            return waiting.answer(PfxAnswer, answer, self.context, [answer.instance])
        return self._with_file(answer, answer.certificate, password, packing)

    def _with_file(
        self, answer: EnrollmentAnswer, certificate: Certificate, password: Secret[str], packing: Packing
    ) -> EnrollmentAnswer:
        file = certificates.recover(CertificateName(certificate.pk), password, packing, actor=self.actor)
        kept = PrivateKey.objects.values_list("status", flat=True).filter(certificate=certificate.pk)
        return replace(answer, pkcs12_blob=file.base64, key_status=PrivateKeyStatus(kept.get()))


class CsrParse(View):
    @operation(body=CsrText, answer=list[str])
    def post(self, body: Mapping[str, Any]) -> list[str]:
        """What a signing request says, as `Name=Value`; its signature must verify."""
        csr = requests.parse_csr(body["csr"])
        subject = [f"{name}={value}" for name, values in csr.subject_parts.items() for value in values]
        sans = [f"{san.kind.heading}={san.value}" for san in csr.sans]
        return [*subject, *sans, f"Key Type={csr.key.type}", f"Key Length={csr.key.bits}"]


class MyTemplates(View):
    """The templates that the caller may enroll for, with all that a form needs."""

    kind: EnrollmentType

    @property
    def context(self) -> dict[str, Any]:
        fields = MetadataField.objects.exclude(enrollment=MetadataEnrollment.Hidden)
        return {**super().context, "metadata_fields": list(fields.order_by("display_order", "pk"))}

    def offered(self) -> dict[str, Any]:
        rows = enrollment.templates_for(self.actor, self.kind)
        return {"templates": rows.prefetch_related("regexes")}


class MyCsrTemplates(MyTemplates):
    kind = EnrollmentType.CSR

    @operation(answer=OfferedTemplates, permission=BY_CSR)
    def get(self) -> dict[str, Any]:
        """The templates that the caller may enroll for by CSR."""
        return self.offered()


class MyPfxTemplates(MyTemplates):
    kind = EnrollmentType.PFX

    @operation(answer=OfferedTemplates, permission=BY_PFX)
    def get(self) -> dict[str, Any]:
        """The templates that the caller may enroll for by PFX."""
        return self.offered()


class Settings(View):
    @operation(answer=EnrollmentSettings, permission=(BY_CSR, BY_PFX))
    def get(self, template_id: int) -> CertificateTemplate:
        """The rules of a template."""
        template = CertificateTemplate.objects.prefetch_related("regexes").filter(pk=template_id).first()
        if template is None:
            raise NotFound(f"There is no template with id {template_id}.")
        return template


routes = [
    route("Enrollment/CSR", CsrEnrollment),
    route("Enrollment/PFX", PfxEnrollment),
    route("Enrollment/CSR/Parse", CsrParse),
    route("Enrollment/CSR/Context/My", MyCsrTemplates),
    route("Enrollment/PFX/Context/My", MyPfxTemplates),
    route("Enrollment/Settings/<int:template_id>", Settings),
]
