"""What is kept of a template: no longer than its rows are the same, whoever changes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import statements
from tests.world import World
from workflows.actions import offers
from workflows.actions.offers import Offer
from workflows.errors import InvalidTemplate
from workflows.models import CertificateAuthority, CertificateTemplate, MetadataField, TemplateRegex


def offer() -> Offer:
    return offers.offer("WebServer")


def test_an_offer_is_read_once(world: World) -> None:
    first = offer()
    with statements.sent() as found:
        assert offers.offer(" webSERVER ") is first
    assert len(found) == 1


def test_a_template_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(InvalidTemplate):
        offers.offer("WebServe")


def shorten() -> None:
    CertificateTemplate.objects.filter(common_name="WebServer").update(validity_days=7)


def end_ca() -> None:
    CertificateAuthority.objects.update(is_enabled=False)


def add_rule() -> None:
    template = CertificateTemplate.objects.get(common_name="WebServer")
    template.regexes.create(subject_part="OU", regex="^Web$", error="no")


def add_field() -> None:
    MetadataField.objects.create(name="CostCentre", description="")


CHANGES: dict[str, tuple[Callable[[], None], Callable[[Offer], object]]] = {
    "the template": (shorten, lambda found: found.template.validity_days),
    "its CA": (end_ca, lambda found: found.template.certificate_authority.is_enabled),
    "a rule": (add_rule, lambda found: [rule.regex for rule in found.template.regexes.all()]),
    "a metadata field": (add_field, lambda found: [field.name for field in found.fields]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_counts_at_once(world: World, what: str) -> None:
    change, look = CHANGES[what]
    before = look(offer())
    change()
    assert look(offer()) != before


def test_each_of_several_changes_counts(world: World) -> None:
    """Also when they are made in one transaction, which gives all versions of a row the same `xmin`."""
    offer()
    for days in (7, 8, 9):
        CertificateTemplate.objects.filter(common_name="WebServer").update(validity_days=days)
        assert offer().template.validity_days == days


def test_a_rule_that_is_replaced_or_removed_counts(world: World) -> None:
    add_rule()
    rules = TemplateRegex.objects.filter(template=offer().template, subject_part="OU")
    rules.update(regex="^Mail$")
    assert "^Mail$" in [rule.regex for rule in offer().template.regexes.all()]
    rules.delete()
    assert "^Mail$" not in [rule.regex for rule in offer().template.regexes.all()]
