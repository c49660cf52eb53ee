"""The files that certificates are handed out in, with and without their keys."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workflows.actions import signing
from workflows.encryption import Secret
from workflows.errors import InvalidInput, WrongState
from workflows.models import Certificate
from workflows.pki import bundles, chains, decoding
from workflows.pki.chains import ChainOrder
from workflows.pki.keys import PrivateKey

ENDINGS = {"PEM": "pem", "DER": "cer", "P7B": "p7b"}
ENDINGS_WITH_KEY = {"PFX": "pfx", "ZIP": "zip"}


@dataclass(frozen=True, slots=True)
class File:
    """Something to hand out once the transaction has committed."""

    name: str
    content: bytes

    @property
    def base64(self) -> str:
        return base64.b64encode(self.content).decode()


@dataclass(frozen=True, slots=True)
class Packing:
    """How a file is made: its format, in any case, and which certificates of the chain, in which order."""

    file_format: str
    include_chain: bool = True
    chain_order: ChainOrder = ChainOrder.END_ENTITY_FIRST
    legacy: bool = False


def public_file(certificate: Certificate, packing: Packing) -> File:
    """The certificate without its key: PEM, DER or PKCS#7. Raises InvalidInput for other formats."""
    wanted = _known(packing.file_format, ENDINGS)
    chain = chains.in_order(_chain(certificate, packing), packing.chain_order)
    content = _encoded(certificate, chain, wanted)
    return File(f"{_file_name(certificate)}.{ENDINGS[wanted]}", content)


def key_file(certificate: Certificate, password: Secret[str], packing: Packing) -> File:
    """The certificate with its key: PKCS#12, or a ZIP of PEM files.

    Raises InvalidInput for other formats or without password, WrongState when the key is not here.
    """
    wanted = _known(packing.file_format, ENDINGS_WITH_KEY)
    own, *others = _chain(certificate, packing)
    chain = [own, *chains.in_order(others, packing.chain_order)]
    key = _private_key(certificate)
    if wanted == "ZIP":
        content = bundles.to_zip(key, chain, password.reveal())
    else:
        name = certificate.custom_name
        content = bundles.to_pkcs12(key, chain, password.reveal(), friendly_name=name, legacy=packing.legacy)
    return File(f"{_file_name(certificate)}.{ENDINGS_WITH_KEY[wanted]}", content)


def texts(certificate: Certificate, packing: Packing, *, with_subjects: bool = False) -> list[str]:
    """The certificate and its chain one by one, leaf first: PEM, or base64 of the DER."""
    wanted = _known(packing.file_format, ("PEM", "DER"))
    chain = _chain(certificate, packing)
    if wanted == "DER":
        return [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain]
    return [bundles.to_pem([each], with_subjects=with_subjects) for each in chain]


def _known(file_format: str, known: Sequence[str] | dict[str, str]) -> str:
    if file_format.upper() not in known:
        raise InvalidInput(f"The format is one of {', '.join(known)}, not '{file_format[:20]}'.")
    return file_format.upper()


def _chain(certificate: Certificate, packing: Packing) -> list[x509.Certificate]:
    own = decoding.load_certificate(bytes(certificate.der))
    return [own, *signing.chain_of(certificate.authority)] if packing.include_chain else [own]


def _encoded(certificate: Certificate, chain: Sequence[x509.Certificate], wanted: str) -> bytes:
    if wanted == "DER":
        return bytes(certificate.der)
    return bundles.to_pkcs7(chain, Encoding.DER) if wanted == "P7B" else bundles.to_pem(chain).encode()


def _private_key(certificate: Certificate) -> PrivateKey:
    row = certificate.private_key
    if row is None:
        raise WrongState("The private key of this certificate was never here; the requester has it.")
    if row.ciphertext is None:
        raise WrongState("The private key was fetched before and is no longer kept; enroll anew.")
    return signing.load_key(row)


def _file_name(certificate: Certificate) -> str:
    """The common name with only harmless characters, for the browser's download folder."""
    text = certificate.issued_cn or certificate.serial_number
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in text)[:80].lstrip(".")
