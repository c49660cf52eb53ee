"""Every row of the tables of workflow types and tokens in workflow-definitions.md, 2.1 and 4."""

from __future__ import annotations

import pytest

from workflows.engine import registry
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.vocabulary.tokens import token
from workflows.vocabulary.workflow_types import WorkflowType

ALERTS = ("Expiration", "KeyRotation", "RevocationMonitoring")
COLLECTIONS = ("CertificateEnteredCollection", "CertificateLeftCollection")
STORES = ("CertificateEnteredStore", "CertificateLeftStore")

# Type: portal name, what its keys are, the built-in step, whether there is a global definition.
TYPES = {
    "Enrollment": ("Enrollment (Including Renewals)", "CertificateTemplate", "EnrollStep", True),
    "Revocation": ("Revocation", "CertificateTemplate", "RevokeStep", True),
    "CertificateEnteredCollection": (
        "Certificate Entered Collection",
        "CertificateCollection",
        None,
        False,
    ),
    "CertificateLeftCollection": ("Certificate Left Collection", "CertificateCollection", None, False),
    "CertificateEnteredStore": ("Certificate Entered Store", "CertificateStoreType", None, False),
    "CertificateLeftStore": ("Certificate Left Store", "CertificateStoreType", None, False),
    "Expiration": ("Expiration", "ExpirationAlert", None, False),
    "KeyRotation": ("Key Rotation", "KeyRotationAlert", None, False),
    "RevocationMonitoring": ("Revocation Monitoring", "RevocationMonitoringAlert", None, False),
}
# Token: the types that the table states, and where samples use it.
TOKENS = {
    "AdditionalAttributes": ("Enrollment",),
    "alertId": ALERTS,
    "approvalsignalcmnts": (*COLLECTIONS, "Enrollment", "Revocation"),
    "CA": (*COLLECTIONS, "Enrollment", "Revocation"),
    "CACertificate": ("Enrollment",),
    "certid": (*COLLECTIONS, "Revocation", "Expiration"),
    "CertificateToBeRenewed": ("Enrollment",),
    "certstoreclientmachine": STORES,
    "certstorecontainer": STORES,
    "certstoreid": STORES,
    "certstorepath": STORES,
    "cmnt": ("Revocation",),
    "code": ("Revocation",),
    "cn": (*COLLECTIONS, "Revocation", "Expiration"),
    "CSR": ("Enrollment",),
    "dn": COLLECTIONS,
    "expdate": ("Expiration",),
    "issuancedate": ("Expiration",),
    "thumbprint": (*COLLECTIONS, "Expiration"),
    "Template": COLLECTIONS,
    "ownerroleemail": ("Expiration",),
    "metadata": ("Expiration",),
}
# Type: the data an instance begins with (workflow-instances.md, 1.4).
DATA = {
    "Revocation": "CertificateAuthority CertificateId Comment Delegate EffectiveDate InitiatingUserName "
    "OperationStart RevokeCode SerialNumber Thumbprint",
    **dict.fromkeys(COLLECTIONS, "CertificateId"),
    **dict.fromkeys(STORES, "CertificateId CertificateStoreId ContainerId"),
    "Expiration": "AlertId CertificateId",
    "KeyRotation": "AlertId Serial Username",
    "RevocationMonitoring": "AlertId Status Subject URL",
    "Enrollment": "AdditionalAttributes CSR Subject SANs Template CertificateAuthority InitiatingUserName "
    "Format IncludeChain CustomName KeyRetention",
}


def spec_of(name: str) -> WorkflowTypeSpec:
    found = registry.workflow_type(name)
    assert found is not None, name
    return found


def test_the_nine_types_are_those_documented() -> None:
    assert sorted(TYPES) == sorted(WorkflowType) == sorted(each.name for each in registry.workflow_types())


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_as_documented(name: str) -> None:
    spec = spec_of(name)
    assert (spec.display_name, spec.key_type, spec.built_in_step, spec.has_global) == TYPES[name]


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_offered_by_the_types_that_have_it(name: str) -> None:
    assert [kind for kind in TOKENS[name] if name not in spec_of(kind).context_parameters] == []


@pytest.mark.parametrize("name", DATA)
def test_a_token_can_read_what_an_instance_begins_with(name: str) -> None:
    spec = spec_of(name)
    known = {each.casefold() for each in (*spec.context_parameters, *spec.aliases, *spec.brings)}
    assert [each for each in DATA[name].split() if each.casefold() not in known] == []


@pytest.mark.parametrize("name", TYPES)
def test_every_token_of_a_type_says_what_it_means(name: str) -> None:
    for described in spec_of(name).tokens:
        assert described.display_name
        assert described.meaning.endswith(".")


def test_nobody_describes_a_token_that_no_type_has() -> None:
    with pytest.raises(KeyError):
        token("nonsense")
