"""What everybody opens: the start page, the search, My Workflows and the review of one request."""

from __future__ import annotations

from portal.instance_columns import ASSIGNED, DECIDED, Columns
from tests.browser.visits import Visit


def _all_columns(of: Columns) -> str:
    """A tab's address with everything that can be shown."""
    columns = "&".join(f"columns={column.name}" for column in of.offered)
    return f"tab={of.tab}&{columns}"


VISITS = (
    Visit("dashboard", "admin", "/"),
    Visit("dashboard-approver", "approver1", "/"),
    Visit("dashboard-requester", "requester", "/"),
    Visit("dashboard-stranger", "stranger", "/"),
    Visit("search", "admin", "/search?q=appsrvr12"),
    Visit("search-nothing", "admin", "/search?q=nothing+of+the+kind"),
    Visit("search-without-text", "admin", "/search?q="),
    Visit("documentation", "requester", "/help"),
    Visit("documentation-page", "requester", "/help/steps/require_approval"),
    Visit("my-assigned", "approver2", "/workflow/my"),
    Visit("my-assigned-all-columns", "approver2", f"/workflow/my?{_all_columns(ASSIGNED)}"),
    Visit("my-assigned-empty", "admin", "/workflow/my"),
    Visit("my-created", "requester", "/workflow/my?tab=created"),
    Visit("my-created-empty", "auditor", "/workflow/my?tab=created"),
    Visit("my-decided", "approver1", "/workflow/my?tab=decided"),
    Visit("my-decided-all-columns", "approver1", f"/workflow/my?{_all_columns(DECIDED)}"),
    Visit("my-filtered", "approver2", "/workflow/my?tab=assigned&value=builds"),
    Visit("my-wrong-query", "requester", "/workflow/my?tab=created&query=Status+-is+1", status=400),
    Visit("review", "approver2", "/workflow/my/{half_signed}"),
    Visit("review-lint", "approver2", "/workflow/my/{half_signed}/lint"),
    Visit("review-done", "approver1", "/workflow/my/{half_signed}"),
    Visit("review-renewal", "approver2", "/workflow/my/{renewing}"),
    Visit("review-revocation", "approver2", "/workflow/my/{revoking}"),
    Visit("review-long-title", "approver2", "/workflow/my/{hostile}"),
)
