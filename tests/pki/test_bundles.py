"""Files that people download, opened by OpenSSL."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from tests.pki import samples
from tests.pki.test_issuing import issue
from workflows.errors import InvalidInput
from workflows.pki import bundles, chains, decoding
from workflows.pki.chains import ChainOrder
from workflows.pki.keys import KeySpec

PASSWORD = "Größe 7 of secrets"


@cache
def chain(spec: KeySpec) -> tuple[x509.Certificate, ...]:
    leaf = x509.load_der_x509_certificate(issue(samples.intent(spec=spec)).der)
    return leaf, samples.issuing().certificate, samples.root().certificate


CHAIN = chain(samples.P256)
KEY = samples.private_key(samples.P256)


@pytest.mark.parametrize(
    ("legacy", "encryption"),
    [
        (False, "AES-256-CBC, Iteration 100000, PRF hmacWithSHA256"),
        (True, "pbeWithSHA1And3-KeyTripleDES-CBC"),
    ],
    ids=["modern", "legacy"],
)
@pytest.mark.parametrize("spec", [samples.P256, samples.RSA2048], ids=str)
def test_openssl_opens_pkcs12(tmp_path: Path, spec: KeySpec, legacy: bool, encryption: str) -> None:
    key, file = samples.private_key(spec), tmp_path / "leaf.pfx"
    file.write_bytes(bundles.to_pkcs12(key, chain(spec), PASSWORD, friendly_name="my name", legacy=legacy))
    mode = ["-legacy"] if legacy else []
    text = samples.openssl("pkcs12", "-in", file, "-nodes", "-passin", f"pass:{PASSWORD}", *mode)
    assert text.count("BEGIN CERTIFICATE") == 3
    assert text.count("friendlyName: my name") == 2
    assert load_pem_private_key(_key_of(text), None).public_key() == key.public_key()
    assert encryption in samples.openssl_notes(
        "pkcs12", "-in", file, "-info", "-noout", "-passin", f"pass:{PASSWORD}", *mode
    )


def _key_of(text: str) -> bytes:
    begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    return text[text.index(begin) : text.index(end) + len(end)].encode()


def test_the_friendly_name_defaults_to_the_common_name() -> None:
    file = pkcs12.load_pkcs12(bundles.to_pkcs12(KEY, CHAIN, PASSWORD), PASSWORD.encode())
    assert file.cert is not None
    assert file.cert.friendly_name == b"appsrvr12.keyexample.com"
    assert [found.certificate for found in file.additional_certs] == list(CHAIN[1:])


@pytest.mark.parametrize("make", [bundles.to_pkcs12, bundles.to_zip])
def test_without_a_password_no_key_is_handed_out(make: object) -> None:
    with pytest.raises(InvalidInput, match="needs a password"):
        make(KEY, CHAIN, "")  # type: ignore[operator]


def test_a_zip_holds_certificate_chain_and_encrypted_key() -> None:
    with zipfile.ZipFile(io.BytesIO(bundles.to_zip(KEY, CHAIN, PASSWORD))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert decoding.load_certificate(files["certificate.pem"]) == CHAIN[0]
    assert decoding.load_chain(files["chain.pem"].decode()) == CHAIN[1:]
    assert load_pem_private_key(files["key.pem"], PASSWORD.encode()).public_key() == KEY.public_key()
    assert b"ENCRYPTED PRIVATE KEY" in files["key.pem"]


@pytest.mark.parametrize(("name", "encoding"), [("DER", Encoding.DER), ("PEM", Encoding.PEM)])
def test_openssl_reads_pkcs7(name: str, encoding: Encoding) -> None:
    file = bundles.to_pkcs7(CHAIN, encoding)
    text = samples.openssl("pkcs7", "-inform", name, "-print_certs", standard_input=file)
    assert set(decoding.load_chain(text)) == set(CHAIN)


def test_pem_can_say_what_it_holds() -> None:
    text = bundles.to_pem(CHAIN, with_subjects=True)
    assert text.startswith(
        f"Subject: {samples.SUBJECT}\nIssuer: CN=Key Example Issuing CA,O=Key Example,C=US\n-----BEGIN"
    )
    assert decoding.load_chain(text) == CHAIN
    assert bundles.to_pem(CHAIN).startswith("-----BEGIN")
    assert decoding.load_chain(bundles.to_pem(CHAIN)) == CHAIN


def test_a_chain_is_found_among_strangers() -> None:
    strangers = [samples.issuing(samples.P384).certificate, samples.root(samples.RSA2048).certificate]
    found = chains.build_chain(CHAIN[0], [*strangers, *reversed(CHAIN)])
    assert tuple(found) == CHAIN
    assert chains.is_complete(found)


def test_a_chain_ends_where_no_issuer_is_known() -> None:
    found = chains.build_chain(CHAIN[0], [CHAIN[2]])
    assert found == [CHAIN[0]]
    assert not chains.is_complete(found)
    assert chains.build_chain(CHAIN[2], []) == [CHAIN[2]]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (None, ChainOrder.END_ENTITY_FIRST),
        ("", ChainOrder.END_ENTITY_FIRST),
        ("endentityfirst", ChainOrder.END_ENTITY_FIRST),
        ("RootFirst", ChainOrder.ROOT_FIRST),
    ],
)
def test_the_order_is_as_asked_for(text: str | None, order: ChainOrder) -> None:
    assert chains.parse_chain_order(text) is order
    first = CHAIN[0] if order is ChainOrder.END_ENTITY_FIRST else CHAIN[-1]
    assert chains.in_order(CHAIN, order)[0] == first


def test_another_order_is_refused() -> None:
    with pytest.raises(InvalidInput, match="EndEntityFirst or RootFirst"):
        chains.parse_chain_order("Random")
