"""Every status message of the reference that has a cause here, to the letter (workflow-instances.md, 2.3).

`Taken Under Submission …` is said of a CA whose manager decides; it comes with the first connector to one.
"""

from __future__ import annotations

ISSUED = "Issued"
ISSUED_KEY_RETAINED = "Issued. The private key was successfully retained."
REVOKED = "Revoked"
COMPLETE = "Complete"
ACCESS_DENIED = "Access is denied"


def awaiting_approvals(count: int) -> str:
    return f"Awaiting {count} more approval(s) from approval roles."


def rejected_by(user_id: int) -> str:
    return f"Workflow rejected by user with Id {user_id}."


def not_decided_in_time(hours: int) -> str:
    """Our own text: the reference knows no deadlines."""
    return f"Denied automatically: nobody decided within {hours} hour(s)."


def nobody_to_escalate_to(wait: str, why: str) -> str:
    """Our own text, behind that of the wait, which goes on."""
    return f"{wait} Nobody else is asked at the deadline: {why.rstrip('.')}."


def step_failed(display_name: str, reason: str) -> str:
    return f"Step '{display_name}' failed: {reason}"


def pre_process_failed(detail: str) -> str:
    return f"Pre-process failed: {detail}"


def post_process_failed(detail: str) -> str:
    return f"Post-process Failed: {detail}"


def refused_by_ca(reason: str) -> str:
    return f"The certificate request failed with the reason '{reason}'"


def ca_not_running(host: str) -> str:
    return f"Either the credentials are invalid, or the CA on {host} is not running"


def restarted_by(user: str, reference_id: int) -> str:
    """Our own text (D4): what it awaited before is awaited no more."""
    return f"Restarted by {user} as {reference_id}."


def stopped_by(user: str) -> str:
    """Our own text (D5)."""
    return f"Stopped by {user}."
