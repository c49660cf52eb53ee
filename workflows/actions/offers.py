"""What can be asked for: a template with its CA and rules, and the metadata fields, kept in the process.

These rows hardly change, and reading them would cost an enrollment more than writing its own. Each look asks
PostgreSQL which versions of them are the current ones: every UPDATE gives a row a new `xmin` and `ctid`, so
a change counts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.errors import InvalidTemplate
from workflows.models import CertificateTemplate, MetadataField, sql

_VERSIONS = """
    SELECT t.id, concat_ws(' ', t.xmin, t.ctid, a.xmin, a.ctid,
        'rules', (
            SELECT string_agg(concat(r.xmin, r.ctid), ' ' ORDER BY r.id)
            FROM workflows_templateregex r WHERE r.template_id = t.id
        ),
        'fields', (
            SELECT string_agg(concat(f.xmin, f.ctid), ' ' ORDER BY f.id) FROM workflows_metadatafield f
        )
    )
    FROM workflows_certificatetemplate t
        JOIN workflows_certificateauthority a ON a.id = t.certificate_authority_id
    WHERE lower(t.common_name) = lower(%s)
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """Shared between threads, so nobody changes it; `versions` are those that the rows had."""

    template: CertificateTemplate
    fields: Sequence[MetadataField]
    versions: str


_kept: dict[int, Offer] = {}


def offer(template_name: str) -> Offer:
    """The template of that name, as it is now. Raises InvalidTemplate."""
    found = sql.rows(_VERSIONS, (template_name.strip(),), prepare=True)
    if not found:
        raise InvalidTemplate(f"There is no template '{template_name}'; GET /Templates lists them.")
    ((template_id, versions),) = found
    kept = _kept.get(template_id)
    if kept is None or kept.versions != versions:
        kept = _kept[template_id] = _read(template_id, versions)
    return kept


def _read(template_id: int, versions: str) -> Offer:
    """What is read may be newer than `versions`; then the next look finds other ones and reads again."""
    templates = CertificateTemplate.objects.select_related("certificate_authority")
    template = templates.prefetch_related("regexes").get(pk=template_id)
    return Offer(template, tuple(MetadataField.objects.all()), versions)
