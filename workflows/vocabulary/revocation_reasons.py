"""Why a certificate is revoked: `RevokeCode` of the wire (api-contract.md, 7.1; RFC 5280, 5.3.1)."""

from __future__ import annotations

import enum


class RevocationReason(enum.IntEnum):
    """The numbers of the wire. 7 is read as `RemoveFromCrl`, as one version of the reference writes it."""

    RemoveFromHold = -1
    Unspecified = 0
    KeyCompromise = 1
    CACompromise = 2
    AffiliationChanged = 3
    Superseded = 4
    CessationOfOperation = 5
    CertificateHold = 6
    RemoveFromCrl = 8
    Unknown = 999

    @classmethod
    def _missing_(cls, value: object) -> RevocationReason | None:
        return cls.RemoveFromCrl if value == 7 else None

    @property
    def label(self) -> str:
        """The words that people read."""
        return _LABELS[self]

    @property
    def lifts_hold(self) -> bool:
        """Whether it makes a certificate on hold valid again."""
        return self in (RevocationReason.RemoveFromHold, RevocationReason.RemoveFromCrl)


_LABELS = {
    RevocationReason.RemoveFromHold: "Remove from hold",
    RevocationReason.Unspecified: "Unspecified",
    RevocationReason.KeyCompromise: "Key compromised",
    RevocationReason.CACompromise: "CA compromised",
    RevocationReason.AffiliationChanged: "Affiliation changed",
    RevocationReason.Superseded: "Superseded",
    RevocationReason.CessationOfOperation: "Cessation of operation",
    RevocationReason.CertificateHold: "Certificate hold",
    RevocationReason.RemoveFromCrl: "Remove from CRL",
    RevocationReason.Unknown: "Unknown",
}
