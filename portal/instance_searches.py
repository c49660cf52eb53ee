"""What lists of instances are searched by in the portal, and their quick filters."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from portal.comparisons import FACT, Choices
from portal.counts import counted, shown_count
from portal.listing import Filter, Sort
from workflows.models import Instance
from workflows.search.syntax import Operator
from workflows.vocabulary.statuses import InstanceStatus

NEWEST_FIRST = Sort("ReferenceId", descending=True)
SEARCHED: Choices = (
    ("Title", _("Title")),
    ("Status", _("Status")),
    ("WorkflowType", _("Type")),
    ("DefinitionDisplayName", _("Definition")),
    ("CurrentStepDisplayName", _("Current Step")),
    ("InitiatingUserName", _("Started by")),
    ("StartDate", _("Started")),
    ("LastModified", _("Last Modified")),
    ("ReferenceId", _("Reference Id")),
    ("Id", _("Id")),
    ("DefinitionId", _("Definition Id")),
    (FACT, _("Data field")),
)
KNOWN_FACTS = (
    "Template",
    "CertificateAuthority",
    "Subject",
    "RequesterEmail",
    "KeyType",
    "CertificateId",
    "SerialNumber",
    "Thumbprint",
    "RevokeCode",
    "AlertId",
)
"""Names of facts that the filter proposes; any other can be typed."""
EXAMPLE = 'Status -eq "Failed" AND StartDate -ge "%TODAY-7%"'

OFFERED = (InstanceStatus.Suspended, InstanceStatus.Running, InstanceStatus.Failed)
COUNTED = 999  # what a quick filter says at most


def quick_filters(rows: QuerySet[Instance], wanted: Filter) -> list[dict[str, object]]:
    """How many wait, run and have failed, each leading to the list of just those; reads an index for each."""
    numbers = {status: counted(rows.filter(status=status), COUNTED) for status in OFFERED}
    return [
        {
            "status": status,
            "count": shown_count(number, COUNTED),
            "url": f"{reverse('portal:instances')}?{urlencode(_only(status))}",
            "is_current": (wanted.field, wanted.value) == ("Status", status.name),
        }
        for status, number in numbers.items()
        if number
    ]


def way_back(params: QueryDict) -> str:
    """The list as it was filtered, sorted and paged when somebody left it: its query is in `back`."""
    url, back = reverse("portal:instances"), QueryDict(params.get("back", "")).urlencode()
    return f"{url}?{back}" if back else url


def _only(status: InstanceStatus) -> dict[str, str]:
    return {"field": "Status", "comparison": Operator.EQ.value, "value": status.name}
