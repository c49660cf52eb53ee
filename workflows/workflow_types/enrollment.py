"""Enrollment, renewals included: the data it brings and the certificate that its approvals are bound to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from workflows.engine.contracts import InstanceFacts
from workflows.engine.registry import register_workflow_type
from workflows.engine.workflow_type import Alias, WorkflowTypeSpec
from workflows.errors import InvalidInput, InvalidName, NotFound
from workflows.models import CertificateRequest, CertificateTemplate
from workflows.pki import names, sans
from workflows.pki.intents import IssuanceIntent, intend
from workflows.pki.keys import key_spec_from_json
from workflows.pki.profiles import Profile, SubjectRule
from workflows.pki.requests import parse_csr
from workflows.pki.usages import key_usage
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.keys import is_id


@register_workflow_type
class Enrollment(WorkflowTypeSpec):
    name = WorkflowType.Enrollment
    display_name = "Enrollment (Including Renewals)"
    key_type = "CertificateTemplate"
    built_in_step = "EnrollStep"
    has_global = True
    context_parameters = (
        "AdditionalAttributes",
        "approvalsignalcmnts",
        "CA",
        "CACertificate",
        "CertificateToBeRenewed",
        "cn",
        "CSR",
        "dn",
        "metadata",
        "requester",
        "RequesterEmail",
        "SANs",
        "Subject",
        "Template",
    )
    aliases: ClassVar[Mapping[str, Alias]] = {
        "CA": lambda data: data["CertificateAuthority"],
        "cn": lambda data: common_name(data["Subject"]),
        "dn": lambda data: data["Subject"],
        "metadata": lambda data: data["Metadata"],
        "requester": lambda data: data["InitiatingUserName"],
    }

    brings = (
        "CertificateAuthority",
        "Curve",
        "CustomName",
        "EnrollmentPattern",
        "EnrollmentStartTime",
        "EnrollStepExecuted",
        "Format",
        "IncludeChain",
        "InitiatingUserName",
        "IsPFX",
        "KeyLength",
        "KeyRetention",
        "KeyType",
        "OwnerRoleId",
    )
    later = frozenset({"approvalsignalcmnts", "CACertificate"})
    sometimes: ClassVar[Mapping[str, str]] = {"CertificateToBeRenewed": "renewals"}
    approved = frozenset({"CSR", "SANs", "Subject"})

    def key_display_name(self, key: str) -> str:
        return template_for_key(key).display_name

    def key_display_names(self, keys: Collection[str]) -> Mapping[str, str]:
        return template_names(keys)

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        return f"{user_name} is enrolling for a certificate with {target(data)}."

    def content_digest(self, instance: InstanceFacts, data: Mapping[str, Any]) -> str:
        return intent_of(request_of(instance), data).digest()


def template_for_key(key: str) -> CertificateTemplate:
    """The template that a definition's key names; raises InvalidInput when there is none.

    Only one spelling of an id is a key: beside `3` a `03` would be a second definition of one template.
    """
    template = CertificateTemplate.objects.filter(pk=int(key)).first() if is_id(key) else None
    if template is None:
        raise InvalidInput(f"Key '{key}' is not the id of a certificate template; GET /Templates lists them.")
    return template


def template_names(keys: Collection[str]) -> dict[str, str]:
    """Names of those templates that still exist, by key."""
    rows = CertificateTemplate.objects.filter(pk__in=map(int, keys)).values_list("pk", "display_name")
    return {str(pk): name for pk, name in rows}


def request_of(instance: InstanceFacts) -> CertificateRequest:
    """The certificate request of an enrollment; raises NotFound when the instance has none."""
    requests = CertificateRequest.objects.select_related("template", "authority")
    request = requests.filter(pk=instance.request_id or 0).first()
    if request is None:
        raise NotFound("This instance has no certificate request; start the enrollment anew.")
    return request


def intent_of(request: CertificateRequest, data: Mapping[str, Any]) -> IssuanceIntent:
    """Exactly what would be issued now: the data's subject and SANs, the request's key, the live template.

    Raises InvalidName or KeyNotAllowed when that cannot be issued.
    """
    spec = key_spec_from_json(request.key_spec)
    return intend(
        profile_of(request.template),
        authority=str(request.authority),
        subject=_text(data.get("Subject")),
        sans=sans.parse_grouped(data.get("SANs") or {}),
        key=spec if request.is_pfx else parse_csr(request.csr).public_key_der,
    )


def profile_of(template: CertificateTemplate) -> Profile:
    """What certificates of the template look like, as the PKI code wants it."""
    return Profile(
        name=template.common_name,
        validity_days=template.validity_days,
        key_usages=key_usage(template.key_usage),
        extended_key_usages=tuple(template.extended_key_usages),
        allowed_keys=tuple(key_spec_from_json(spec) for spec in template.key_specs),
        subject_rules=tuple(
            SubjectRule(rule.subject_part, rule.regex, rule.error) for rule in template.regexes.all()
        ),
        allow_wildcards=template.allow_wildcards,
        require_san=template.require_san,
    )


def policy_problems(request: CertificateRequest, data: Mapping[str, Any]) -> list[str]:
    """Why the template does not allow this subject, in the rules' own words."""
    subject = names.parse_name(_text(data.get("Subject")))
    return profile_of(request.template).check_subject(subject, sans.parse_grouped(data.get("SANs") or {}))


def common_name(subject: str) -> str:
    return names.common_name(names.parse_name(subject))


def target(data: Mapping[str, Any]) -> str:
    """`CN=…` of a title; the whole subject, or the first SAN, where there is no common name."""
    subject = _text(data.get("Subject"))
    name = common_name(subject) if subject else ""
    if name:
        return f"CN={name}"
    return subject or next(iter(map(str, sans.parse_grouped(data.get("SANs") or {}))), "an empty subject")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidName("Subject must be text, such as CN=appsrvr12.keyexample.com.")
    return value
