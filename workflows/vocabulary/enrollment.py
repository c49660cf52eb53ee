"""Numbers of the wire around certificates and enrollment (api-contract.md, section 7)."""

from __future__ import annotations

import enum


class CertificateState(enum.IntEnum):
    Unknown = 0
    Active = 1
    Revoked = 2
    Denied = 3
    Failed = 4
    Pending = 5
    CertificateAuthority = 6
    ParentCertificateAuthority = 7
    ExternalValidation = 8


class EnrollmentType(enum.IntFlag):
    """What a template or CA allows; 3 is both."""

    Disabled = 0
    PFX = 1
    CSR = 2


class KeyRetentionPolicy(enum.IntEnum):
    """How long a server-made key is kept; the names are ours (the wire publishes only 0 to 3)."""

    Disabled = 0
    Indefinite = 1
    AfterExpiration = 2
    FromIssuance = 3


class PrivateKeyStatus(enum.IntEnum):
    """`KeyStatus` of the wire, 0 to 5; the names are ours."""

    Unknown = 0
    NotHeld = 1  # the requester has it (CSR)
    AwaitingPickup = 2  # made by the server, dropped when fetched
    Retained = 3
    Dropped = 4
    Failed = 5


class KeyType(enum.IntEnum):
    """`KeyType` of a certificate on the wire (EncryptionKeyType); names are ours."""

    Unknown = 0
    RSA = 1
    DSA = 2
    ECC = 3
    DH = 4
    Ed448 = 5
    Ed25519 = 6


class MetadataDataType(enum.IntEnum):
    String = 1
    Integer = 2
    Date = 3
    Boolean = 4
    MultipleChoice = 5
    BigText = 6
    Email = 7


class MetadataEnrollment(enum.IntEnum):
    Optional = 0
    Required = 1
    Hidden = 2


class RequestDisposition(enum.StrEnum):
    """`RequestDisposition` of enrollment answers (D8)."""

    ISSUED = "ISSUED"
    PENDING = "PENDING"
    EXTERNAL_VALIDATION = "EXTERNAL_VALIDATION"
    FAILED = "FAILED"
    REJECTED = "REJECTED"


class EnrollmentFieldType(enum.IntEnum):
    """`DataType` of a template's own enrollment fields."""

    String = 1
    MultipleChoice = 2
