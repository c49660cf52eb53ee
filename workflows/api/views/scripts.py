"""Stored scripts (api-contract.md, 6, Extensions)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from workflows.actions import scripts
from workflows.api.serializers import scripts as shapes
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.models import Script
from workflows.search import kinds
from workflows.search.fields import Field, Fields
from workflows.vocabulary.permissions import Permission

READ, MODIFY = Permission.SCRIPTS_READ, Permission.SCRIPTS_MODIFY
FIELDS = Fields([Field("Name", "name"), Field("Id", "pk", kinds.Integer())])


class Scripts(View):
    @listing(shapes.ScriptQueryAnswer, fields=FIELDS, sort="Name", permission=READ)
    def get(self) -> QuerySet[Script]:
        """Stored scripts, without their contents."""
        return scripts.visible(self.actor)

    @operation(body=shapes.ScriptCreate, answer=shapes.ScriptAnswer, permission=MODIFY)
    def post(self, body: dict[str, Any]) -> Script:
        """Store a script; steps run those of category 6."""
        return scripts.create(actor=self.actor, **body)

    @operation(
        body=shapes.ScriptUpdate,
        answer=shapes.ScriptAnswer,
        permission=MODIFY,
        etag=scripts.etag,
        if_match=True,
    )
    def put(self, body: dict[str, Any], expected: str | None) -> Script:
        """Change a script; what is left out stays, and so does the name."""
        return scripts.update(body.pop("id"), actor=self.actor, expected=expected, **body)


class OneScript(View):
    @operation(answer=shapes.ScriptAnswer, permission=READ, etag=scripts.etag)
    def get(self, script_id: int) -> Script:
        """One stored script."""
        return scripts.find(script_id, actor=self.actor)

    @operation(permission=MODIFY)
    def delete(self, script_id: int) -> None:
        """Delete a script that no workflow uses."""
        scripts.delete(script_id, actor=self.actor)


routes = [
    route("Extensions/Scripts", Scripts),
    route("Extensions/Scripts/<int:script_id>", OneScript),
]
