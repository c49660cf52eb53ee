"""Workflow → Definitions."""

from __future__ import annotations

from django.urls import path

from portal.views import (
    definition_copies,
    definition_forms,
    definition_operations,
    definition_steps,
    definitions,
    step_forms,
)

_ONE = "workflow/definitions/<uuid:guid>"

urlpatterns = [
    path("workflow/definitions", definitions.definition_list, name="definitions"),
    path("workflow/definitions.csv", definitions.definitions_csv, name="definitions_csv"),
    path("workflow/definitions/new", definition_forms.definition_new, name="definition_new"),
    path("workflow/definitions/import", definition_copies.definition_import, name="definition_import"),
    path(_ONE, definitions.definition, name="definition"),
    path(f"{_ONE}/compare", definitions.definition_compare, name="definition_compare"),
    path(f"{_ONE}/export.json", definitions.definition_export, name="definition_export"),
    path(f"{_ONE}/settings", definition_forms.definition_settings, name="definition_settings"),
    path(f"{_ONE}/copy", definition_copies.definition_copy, name="definition_copy"),
    path(f"{_ONE}/steps", definition_steps.definition_editor, name="definition_editor"),
    path(f"{_ONE}/steps/choose", definition_steps.step_choose, name="step_choose"),
    path(f"{_ONE}/steps/new", step_forms.step_new, name="step_new"),
    path(f"{_ONE}/steps/edit", step_forms.step_edit, name="step_edit"),
    path(f"{_ONE}/steps/up", definition_steps.step_move_up, name="step_move_up"),
    path(f"{_ONE}/steps/down", definition_steps.step_move_down, name="step_move_down"),
    path(f"{_ONE}/steps/remove", definition_steps.step_remove, name="step_remove"),
    path(f"{_ONE}/publish/<int:number>", definition_operations.definition_publish, name="definition_publish"),
    path(f"{_ONE}/enable", definition_operations.definition_enable, name="definition_enable"),
    path(f"{_ONE}/disable", definition_operations.definition_disable, name="definition_disable"),
    path(f"{_ONE}/delete", definition_operations.definition_delete, name="definition_delete"),
]
