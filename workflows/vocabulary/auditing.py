"""Audit operations, categories and levels (events-security-audit.md, 1.2)."""

from __future__ import annotations

import enum


class Operation(enum.IntEnum):
    Created = 1
    Updated = 2
    Deleted = 3
    Approved = 4
    Denied = 5
    Revoked = 6
    Downloaded = 7
    DeletedPrivateKey = 8
    Renewed = 9
    Encountered = 10
    ScheduledReplacement = 11
    Recovered = 12
    Imported = 13
    RemovedFromHold = 14
    ScheduledAdd = 15
    ScheduledRemoval = 16
    DownloadWithPrivateKey = 17
    Scheduled = 18
    Reset = 19
    Disapproved = 20
    Restarted = 21
    Sent = 22
    Failed = 23
    Completed = 24
    Rejected = 25
    # Not among the documented numbers; ours begin at 100 so that they never collide.
    Published = 100
    Stopped = 101
    Enabled = 102
    Disabled = 103
    LoggedIn = 104
    LoggedOut = 105


class Category(enum.IntEnum):
    Certificate = 2001
    ApiApplication = 2002
    Template = 2003
    CertificateQuery = 2004
    ExpirationAlert = 2005
    ApplicationSetting = 2007
    SecurityIdentity = 2010
    SecurityRole = 2011
    AuthorizationFailure = 2012
    CertificateSigningRequest = 2013
    # The reference's numbers for these are not documented; ours begin at 3001.
    WorkflowDefinition = 3001
    WorkflowInstance = 3002
    CertificateAuthority = 3003
    MetadataField = 3004
    ApiToken = 3005
    Session = 3006
    Script = 3007
    AuditLog = 3008
    Subscription = 3009


class Level(enum.IntEnum):
    Information = 0
    Warning = 1
    Failure = 2
