"""What the documented tokens mean, by name, as editors and the catalogue tell it (reference: 4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """`$(name)` and what is put in its place."""

    name: str
    display_name: str
    meaning: str

    @property
    def text(self) -> str:
        return f"$({self.name}:…)" if self.name == "metadata" else f"$({self.name})"


_ALL = (
    Token("AdditionalAttributes", "Additional Attributes", "Enrollment fields of the request, an object."),
    Token("alertId", "Alert Id", "Id of the alert or monitored location that found this."),
    Token("approvalsignalcmnts", "Approval Signal Comments", "Comments of all approvals and denials so far."),
    Token("CA", "Certificate Authority", "Host and logical name of the CA."),
    Token("CACertificate", "CA Certificate", "The issued certificate as the CA knows it, an object."),
    Token("certid", "Certificate Id", "Id of the certificate in Countersign."),
    Token("CertificateToBeRenewed", "Certificate To Be Renewed", "In renewals the old one, in base64."),
    Token("certstoreclientmachine", "Client Machine", "Host of the certificate store."),
    Token("certstorecontainer", "Container", "Container of the certificate store."),
    Token("certstoreid", "Certificate Store Id", "Id of the certificate store."),
    Token("certstorepath", "Store Path", "Path of the certificate store."),
    Token("cmnt", "Revocation Comment", "Comment that was given with the revocation."),
    Token("cn", "Common Name", "Common name of the certificate or request."),
    Token("code", "Revocation Reason", "Reason of the revocation in words."),
    Token("CSR", "Certificate Signing Request", "The request in PEM; empty where the server makes the key."),
    Token("dn", "Distinguished Name", "Whole subject of the certificate or request."),
    Token("expdate", "Expiration Date", "When the certificate ends, in UTC."),
    Token("issuancedate", "Issuance Date", "From when the certificate is valid, in UTC."),
    Token("metadata", "Metadata", "A metadata field, as in $(metadata:Owner)."),
    Token("ownerroleemail", "Owner Role E-mail", "Mail address of the role that owns the certificate."),
    Token("requester", "Requester", "Name of the person who asked."),
    Token("RequesterEmail", "Requester E-mail", "Mail address of the person who asked."),
    Token("SANs", "Subject Alternative Names", "Alternative names of the request by kind, an object."),
    Token("serial", "Serial Number", "Serial number of the SSH key."),
    Token("status", "Status", "State of the CRL or OCSP responder, such as Expired."),
    Token("subject", "Subject", "A sentence that says what was found."),
    Token("Subject", "Requested Subject", "Subject of the request."),
    Token("Template", "Template", "Name of the certificate template."),
    Token("thumbprint", "Thumbprint", "SHA-1 thumbprint of the certificate."),
    Token("url", "URL", "Address of the CRL or OCSP responder."),
    Token("username", "User Name", "Owner of the SSH key."),
)
_BY_NAME = {token.name: token for token in _ALL}


def token(name: str) -> Token:
    """The documented token; raises KeyError for a name that nobody has described."""
    return _BY_NAME[name]
