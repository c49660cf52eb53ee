"""What Django REST framework makes of the same table out of the box, to measure ours beside."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from rest_framework import generics, pagination, serializers

from config.urls import urlpatterns as product
from workflows.models import Definition, DefinitionVersion, Instance
from workflows.search.paging import DEFAULT_SIZE

PATH = "plain/instances"
SIZE = "size"


class PlainDefinition(serializers.ModelSerializer[Definition]):
    class Meta:
        model = Definition
        fields: ClassVar = ["guid", "workflow_type"]


class PlainVersion(serializers.ModelSerializer[DefinitionVersion]):
    definition = PlainDefinition()

    class Meta:
        model = DefinitionVersion
        fields: ClassVar = ["definition", "display_name", "number"]


class PlainInstance(serializers.ModelSerializer[Instance]):
    version = PlainVersion()
    title = serializers.CharField(source="record.title")

    class Meta:
        model = Instance
        fields: ClassVar = [
            "guid",
            "status",
            "step_guid",
            "status_message",
            "version",
            "step_display_name",
            "step_name",
            "title",
            "modified_at",
            "started_at",
            "id",
        ]


class ByKey(pagination.CursorPagination):
    page_size = DEFAULT_SIZE
    page_size_query_param = SIZE
    ordering = "-id"


class PlainInstances(generics.ListAPIView[Instance]):
    serializer_class = PlainInstance
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Instance]:
        related: Any = Instance.objects.select_related("record", "version__definition")
        return related.defer("data", "record__initial_data", "version__steps")


class PlainWhole(PlainInstance):
    initial_data = serializers.JSONField(source="record.initial_data")

    class Meta(PlainInstance.Meta):
        fields: ClassVar = [*PlainInstance.Meta.fields, "initial_data", "data"]


class OnePlainInstance(generics.RetrieveAPIView[Instance]):
    serializer_class = PlainWhole
    lookup_field = "guid"

    def get_queryset(self) -> QuerySet[Instance]:
        return Instance.objects.select_related("record", "version__definition")


urlpatterns = [
    *product,
    path(PATH, PlainInstances.as_view()),
    path(f"{PATH}/<uuid:guid>", OnePlainInstance.as_view()),
]
