"""A small PKI, requests and outside judges (OpenSSL, pkilint) for the tests of this folder."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pkilint import loader, pkix
from pkilint.pkix import crl, extension, name
from pkilint.validation import ValidationFindingSeverity, ValidatorContainer

from workflows.connectors.authorities.builtin import BuiltinAuthority
from workflows.pki import authorities, general_names, keys, names, opinions, usages
from workflows.pki.authorities import NewAuthority
from workflows.pki.intents import IssuanceIntent, intend
from workflows.pki.issuers import Issuer
from workflows.pki.keys import KeySpec, PrivateKey
from workflows.pki.opinions import Severity
from workflows.pki.profiles import Profile
from workflows.pki.sans import parse_sans

NOW = datetime.now(UTC)
SUBJECT = 'CN=appsrvr12.keyexample.com,OU=IT,O="Key Example, Inc.",L=Independence,ST=OH,C=US'
SANS = {"dns": ["appsrvr12.keyexample.com", "www.keyexample.com"], "ip": ["192.0.2.7", "2001:db8::7"]}
AUTHORITY = "ca.keyexample.com\\Key Example Issuing CA"
P256, P384, RSA2048 = keys.curve_spec("P-256"), keys.curve_spec("P-384"), keys.rsa_spec(2048)
RSA3072 = keys.rsa_spec(3072)
ALL_KEYS = (P256, P384, RSA2048, RSA3072)

WEB_SERVER = Profile(
    "WebServer",
    365,
    usages.key_usage(["DigitalSignature", "KeyEncipherment"]),
    ("1.3.6.1.5.5.7.3.1",),
    ALL_KEYS,
    allow_wildcards=True,
)
WEB_SERVER_PFX = Profile(
    "WebServerPfx",
    90,
    WEB_SERVER.key_usages,
    ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"),
    ALL_KEYS,
    policies=("1.3.6.1.4.1.32473.1.1",),
    allow_wildcards=True,
)
CODE_SIGNING = Profile(
    "CodeSigning", 1095, usages.key_usage(["DigitalSignature"]), ("1.3.6.1.5.5.7.3.3",), ALL_KEYS
)
PROFILES = (WEB_SERVER, WEB_SERVER_PFX, CODE_SIGNING)


@cache
def private_key(spec: KeySpec) -> PrivateKey:
    """One key a size, made once."""
    return keys.generate(spec)


def root(spec: KeySpec = P384) -> NewAuthority:
    """The root CA with a key of this kind, made once."""
    return _root(spec)


def root_issuer(spec: KeySpec = P384) -> Issuer:
    urls = ("http://pki.keyexample.com/root.crl",), ("http://pki.keyexample.com/root.cer",)
    return Issuer("ca.keyexample.com\\Key Example Root CA", root(spec).certificate, *urls)


def issuing(spec: KeySpec = P256) -> NewAuthority:
    """The issuing CA with a key of this kind below the default root, made once."""
    return _issuing(spec)


def authority(spec: KeySpec = P256) -> BuiltinAuthority:
    """The issuing CA as a connector."""
    urls = ("http://pki.keyexample.com/issuing.crl",), ("http://pki.keyexample.com/issuing.cer",)
    issuer = Issuer(AUTHORITY, issuing(spec).certificate, *urls)
    return BuiltinAuthority(issuer, issuing(spec).key, (root().certificate,))


@cache
def _root(spec: KeySpec) -> NewAuthority:
    return authorities.create_root("CN=Key Example Root CA,O=Key Example", spec, now=NOW - timedelta(days=30))


@cache
def _issuing(spec: KeySpec) -> NewAuthority:
    return authorities.create_issuing(
        "CN=Key Example Issuing CA,O=Key Example,C=US",
        spec,
        issuer=root_issuer(),
        issuer_key=root().key,
        now=NOW - timedelta(days=29),
    )


def intent(
    profile: Profile = WEB_SERVER,
    spec: KeySpec = P256,
    subject: str = SUBJECT,
    sans: dict[str, list[str]] | None = None,
) -> IssuanceIntent:
    return intend(
        profile,
        authority=AUTHORITY,
        subject=subject,
        sans=parse_sans(SANS if sans is None else sans),
        key=keys.public_der(private_key(spec).public_key()),
    )


def csr_builder(
    subject: str = SUBJECT, sans: dict[str, list[str]] | None = None
) -> x509.CertificateSigningRequestBuilder:
    builder = x509.CertificateSigningRequestBuilder().subject_name(names.parse_name(subject))
    alternative = parse_sans(SANS if sans is None else sans)
    if alternative:
        builder = builder.add_extension(general_names.to_extension(alternative), critical=False)
    return builder


def csr_pem(spec: KeySpec = P256, subject: str = SUBJECT, sans: dict[str, list[str]] | None = None) -> str:
    csr = csr_builder(subject, sans).sign(private_key(spec), hashes.SHA256())
    return csr.public_bytes(Encoding.PEM).decode()


def openssl(*arguments: object, standard_input: bytes = b"") -> str:
    """Standard output of the command; raises CalledProcessError when it fails."""
    return _openssl(arguments, standard_input).stdout.decode()


def openssl_notes(*arguments: object) -> str:
    """What the command says about its input on standard error."""
    return _openssl(arguments, b"").stderr.decode()


def _openssl(arguments: Sequence[object], standard_input: bytes) -> subprocess.CompletedProcess[bytes]:
    command = ["openssl", *map(str, arguments)]
    return subprocess.run(command, input=standard_input, capture_output=True, check=True)


def certificate_findings(der: bytes) -> list[str]:
    """What pkilint's RFC 5280 rules find in a certificate, warnings and worse."""
    return [
        f"{found.severity.name} {found.code} {found.message}"
        for found in opinions.findings(der)
        if found.severity <= Severity.WARNING
    ]


def crl_findings(der: bytes) -> list[str]:
    """What pkilint's RFC 5280 rules find in a CRL, warnings and worse."""
    document = loader.RFC5280CertificateListDocumentLoader().load_der_document(der)
    return _findings(_crl_rules(), document.root)


def _findings(rules: ValidatorContainer, node: object) -> list[str]:
    return [
        f"{found.finding.severity.name} {found.finding.code} {found.message or ''}"
        for result in rules.validate(node)
        for found in result.finding_descriptions
        if found.finding.severity <= ValidationFindingSeverity.WARNING
    ]


@cache
def _crl_rules() -> ValidatorContainer:
    return crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )
