"""The nine documented workflow types (PUT Workflow Definitions Steps, seed 000)."""

from __future__ import annotations

import enum


class WorkflowType(enum.StrEnum):
    CertificateEnteredCollection = "CertificateEnteredCollection"
    CertificateEnteredStore = "CertificateEnteredStore"
    CertificateLeftCollection = "CertificateLeftCollection"
    CertificateLeftStore = "CertificateLeftStore"
    Enrollment = "Enrollment"
    Expiration = "Expiration"
    KeyRotation = "KeyRotation"
    Revocation = "Revocation"
    RevocationMonitoring = "RevocationMonitoring"
