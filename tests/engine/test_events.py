"""Events: each starts one instance of the definition that listens, whenever that begins to listen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from django.utils import timezone

from tests import builders
from tests.engine.conftest import Install
from workflows.engine import compiling, events, registry
from workflows.engine.contracts import Effects
from workflows.models import Definition, DefinitionVersion, Event, EventDelivery, Instance
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


def happen(occurrence: str = "1", *, key: str = "7") -> Event | None:
    data = {"AlertId": int(key), "CertificateId": 1}
    return events.publish(
        WorkflowType.Expiration, key=key, occurrence=f"{key}/{occurrence}", data=data, now=timezone.now()
    )


def listen(key: str = "7") -> DefinitionVersion:
    return builders.publish(builders.noops(2), keys=[key])


def enable(version: DefinitionVersion, enabled: bool) -> None:
    Definition.objects.filter(pk=version.definition_id).update(enabled=enabled)


def deliver() -> int:
    return events.deliver(timezone.now())


def test_an_event_starts_one_instance_with_its_data() -> None:
    version = listen()
    happen()
    assert deliver() == 1
    instance = Instance.objects.select_related("record").get()
    assert instance.version_id == version.pk
    assert (instance.data, instance.queue) == ({"AlertId": 7, "CertificateId": 1}, "bulk")
    assert (instance.record.initiating_user_name, instance.record.key) == ("Timer Service", "7")
    assert instance.record.title.startswith("Timer Service is handling the expiration")
    assert EventDelivery.objects.get().instance_id == instance.pk


def test_delivering_again_starts_nothing() -> None:
    listen()
    happen()
    assert [deliver(), deliver()] == [1, 0]
    assert Instance.objects.count() == 1


def test_what_is_known_already_does_not_happen_twice() -> None:
    assert happen("a") is not None
    assert happen("a") is None
    assert Event.objects.count() == 1


def test_an_event_is_written_with_its_cause_or_not_at_all() -> None:
    with transaction.atomic():
        happen()
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_an_event_waits_until_somebody_listens() -> None:
    happen()
    assert deliver() == 0
    listen()
    assert deliver() == 1


def test_a_disabled_definition_loses_nothing() -> None:
    version = listen()
    enable(version, False)
    happen()
    assert deliver() == 0
    enable(version, True)
    assert deliver() == 1


def test_a_deleted_definition_starts_nothing() -> None:
    version = listen()
    Definition.objects.filter(pk=version.definition_id).update(deleted_at=timezone.now())
    happen()
    assert deliver() == 0


def test_each_key_has_its_own_definition() -> None:
    first, second = listen("7"), listen("8")
    for number in range(3):
        happen(str(number), key="7")
    happen(key="8")
    assert deliver() == 4
    assert first.instances.count() == 3
    assert second.instances.count() == 1


def test_events_that_nobody_wants_hold_up_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "DELIVERIES_AT_ONCE", 3)
    for number in range(5):
        happen(str(number), key="1")
    listen("7")
    for number in range(5):
        happen(str(number))
    assert deliver() == 5


def test_a_definition_that_cannot_run_holds_up_no_others(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Effects.PURE)
    broken = builders.publish(builders.chain(builders.step("Scripted", "Gone")), keys=["1"])
    listen("7")
    monkeypatch.delitem(registry._steps, "scripted")
    compiling._compiled.pop(broken.pk, None)
    happen(key="1")
    happen(key="7")
    assert deliver() == 1


def test_an_event_whose_title_cannot_be_made_starts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = registry.workflow_type(WorkflowType.Expiration)

    def fail(user_name: str, data: object) -> str:
        raise KeyError("CertificateId")

    monkeypatch.setattr(spec, "title", fail)
    listen()
    happen()
    assert deliver() == 1
    assert Instance.objects.get().record.title == "Expiration: 7/1"


@pytest.mark.django_db(transaction=True)
def test_many_workers_deliver_each_event_once() -> None:
    listen()
    for number in range(40):
        happen(str(number))
    with ThreadPoolExecutor(8) as pool:
        delivered = sum(pool.map(lambda _: apart(deliver), range(16)))
    assert delivered == 40
    assert Instance.objects.count() == EventDelivery.objects.count() == 40


def apart(work: Callable[[], int]) -> int:
    """On a connection of the thread's own."""
    try:
        return work()
    finally:
        connections.close_all()


def test_a_request_starts_the_definition_of_its_template_else_the_global_one() -> None:
    everything = builders.publish(builders.noops(2), WorkflowType.Enrollment, name="Global")
    Definition.objects.filter(pk=everything.definition_id).update(is_global=True)
    own = builders.publish(builders.noops(2), WorkflowType.Enrollment, keys=["3"])
    assert events.listening(WorkflowType.Enrollment, "3") == (own.definition_id, own.id)
    assert events.listening(WorkflowType.Enrollment, "4") == (everything.definition_id, everything.id)
    assert events.listening(WorkflowType.Revocation, "3") is None


def enter_store(key: str, occurrence: str = "1") -> None:
    data = {"CertificateId": 1, "CommonName": "www"}
    name = WorkflowType.CertificateEnteredStore
    events.publish(name, key=key, occurrence=f"{key}/{occurrence}", data=data, now=timezone.now())


def listen_to_stores(key: str) -> DefinitionVersion:
    return builders.publish(builders.noops(2), WorkflowType.CertificateEnteredStore, keys=[key])


def test_a_store_type_serves_its_stores_in_every_container() -> None:
    whole_type = listen_to_stores("3")
    for key in ("3", "3:12", "4", "33", "4:3"):
        enter_store(key)
    assert deliver() == 2
    assert whole_type.instances.count() == 2


def test_a_container_wins_over_its_store_type() -> None:
    whole_type, container = listen_to_stores("3"), listen_to_stores("3:12")
    for key in ("3", "3:12", "3:13", "13:12"):
        enter_store(key)
    assert deliver() == 3
    assert [run.record.key for run in container.instances.all()] == ["3:12"]
    assert {run.record.key for run in whole_type.instances.all()} == {"3", "3:13"}


def test_a_disabled_container_leaves_its_stores_to_the_type() -> None:
    whole_type, container = listen_to_stores("3"), listen_to_stores("3:12")
    enable(container, False)
    enter_store("3:12")
    assert deliver() == 1
    assert whole_type.instances.count() == 1


def test_listening_prefers_the_container() -> None:
    kind = WorkflowType.CertificateEnteredStore
    whole_type, container = listen_to_stores("3"), listen_to_stores("3:12")
    assert events.listening(kind, "3:12") == (container.definition_id, container.id)
    assert events.listening(kind, "3:13") == (whole_type.definition_id, whole_type.id)
    assert events.listening(kind, "4:12") is None


def test_what_waits_for_a_definition_leaves_out_what_a_container_takes() -> None:
    whole_type = listen_to_stores("3")
    listen_to_stores("3:12")
    for key in ("3", "3:12", "3:13"):
        enter_store(key)
    waiting = events.waiting_for(Definition.objects.get(pk=whole_type.definition_id))
    assert {event.key for event in waiting} == {"3", "3:13"}
