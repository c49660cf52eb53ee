"""The parts of the dashboard, each as far as the person may see it (templates/dashboard.html)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from redis import RedisError

from portal.counts import counted, shown_count
from portal.templatetags.charts import Bar
from workflows.engine.liveness import worker_seen
from workflows.models import Certificate, CertificateAuthority, Instance
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.statuses import InstanceStatus

BUILT_IN = "builtin"  # the kind of CAs whose CRLs are made here
WEEK = timedelta(days=7)
MOST = 10_000  # instances that are counted

# Days to expiry from and to, with the tone of the column.
SPANS: tuple[tuple[int, int | None, str], ...] = (
    (0, 7, "failed"),
    (8, 14, "waiting"),
    (15, 30, "waiting"),
    (31, 60, "accent"),
    (61, 90, "accent"),
    (91, None, "accent"),
)


@dataclass(frozen=True)
class Tally:
    status: InstanceStatus
    count: str  # `10,000+` where it is more than that
    label: str
    url: str


@dataclass(frozen=True)
class Expiring:
    id: int
    subject: str
    days: int
    valid_to: datetime
    template: str


@dataclass(frozen=True)
class Part:
    """A part of the system: `state` is up, down or unknown."""

    label: str | Promise
    state: str
    detail: str


def tallies(rows: QuerySet[Instance], now: datetime) -> list[Tally]:
    """What waits, runs, and lately failed or came to its end; a query each, which an index answers."""
    lately = Q(modified_at__gte=_today(now) - WEEK)
    wanted = {
        InstanceStatus.Suspended: (Q(), _("wait for people")),
        InstanceStatus.Running: (Q(), _("running now")),
        InstanceStatus.Failed: (lately, _("failed in 7 days")),
        InstanceStatus.Complete: (lately, _("complete in 7 days")),
    }
    return [
        Tally(
            status,
            shown_count(counted(rows.filter(also, status=status), MOST), MOST),
            label,
            _instances_url(status, lately=bool(also)),
        )
        for status, (also, label) in wanted.items()
    ]


def _instances_url(status: InstanceStatus, *, lately: bool) -> str:
    since = ' AND LastModified -ge "%TODAY-7%"' if lately else ""
    return f"{reverse('portal:instances')}?{urlencode({'query': f'Status -eq {status.name}{since}'})}"


def expiry(rows: QuerySet[Certificate], now: datetime) -> list[Bar]:
    """Active certificates by days to expiry; one query."""
    spans = [_span(first, last, now) for first, last, _tone in SPANS]
    conditions = {f"span{number}": Count("pk", filter=span) for number, span in enumerate(spans)}
    counts = _active(rows, now).order_by().aggregate(**conditions)
    return [
        Bar(_span_label(first, last), counts[f"span{number}"], _span_url(first, last), tone)
        for number, (first, last, tone) in enumerate(SPANS)
    ]


def expiring(rows: QuerySet[Certificate], now: datetime, count: int = 5) -> list[Expiring]:
    """The certificates that expire next."""
    soonest = _active(rows, now).select_related("template").defer("der").order_by("not_after", "pk")[:count]
    return [
        Expiring(
            id=each.pk,
            subject=each.issued_cn or each.issued_dn or each.serial_number,
            days=(each.not_after - now).days,
            valid_to=each.not_after,
            template=each.template.display_name if each.template else "",
        )
        for each in soonest
    ]


def health(now: datetime) -> list[Part]:
    """Broker, worker and CAs."""
    return [*_broker_and_worker(), *_authorities(now)]


def _broker_and_worker() -> Iterator[Part]:
    try:
        seen = worker_seen()
    except RedisError:
        yield Part(_("Broker"), "down", _("does not answer"))
        yield Part(_("Workers"), "unknown", _("not known without the broker"))
        return
    yield Part(_("Broker"), "up", _("answers"))
    yield Part(_("Workers"), *(("up", _("running")) if seen else ("down", _("none was seen lately"))))


def _authorities(now: datetime) -> Iterator[Part]:
    rows = CertificateAuthority.objects.annotate(until=Max("crls__next_update")).order_by("logical_name")
    for each in rows:
        is_ours = each.kind == BUILT_IN
        state = _crl_state(each.until, now) if is_ours else ("unknown", _("publishes its CRLs itself"))
        yield Part(each.logical_name, *state)


def _crl_state(until: datetime | None, now: datetime) -> tuple[str, str]:
    if until is None:
        return "unknown", _("has published no CRL")
    if until <= now:
        return "down", _("its CRL has run out")
    days = (until - now).days
    return "up", _("CRL valid for %(days)d days") % {"days": days}


def _active(rows: QuerySet[Certificate], now: datetime) -> QuerySet[Certificate]:
    return rows.filter(state=CertificateState.Active, not_after__gte=now)


def _span(first: int, last: int | None, now: datetime) -> Q:
    """Whole days of the person's time zone, as the query behind each number counts them."""
    today = _today(now)
    start = Q(not_after__gte=today + timedelta(days=first))
    return start if last is None else start & Q(not_after__lt=today + timedelta(days=last + 1))


def _today(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _span_label(first: int, last: int | None) -> str:
    return f"{first}–{last}" if last is not None else f"{first}–"


def _span_url(first: int, last: int | None) -> str:
    query = f'CertState -eq Active AND NotAfter -ge "%TODAY+{first}%"'
    if last is not None:
        query += f' AND NotAfter -le "%TODAY+{last}%"'
    return f"{reverse('portal:certificates')}?{urlencode({'query': query})}"


def greeting(name: str, hour: int) -> str:
    """A word for the time of day, with the person's own name."""
    if hour < 12:
        words = _("Good morning, %(name)s")
    elif hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": name}
