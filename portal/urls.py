"""The pages; API and health checks are mounted beside them in `config.urls`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from portal.views import (
    certificates,
    documentation,
    enrolled,
    enrollment,
    home,
    instance,
    instances,
    lint,
    my_workflows,
    operations,
    pickup,
    purge,
    review,
    revocation,
    search,
    searches,
    second_factor,
    selection,
    sessions,
    sso,
)

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login", sessions.log_in, name="login"),
    path("login/code", second_factor.log_in_code, name="login_code"),
    path("login/sso", sso.start, name="sso_start"),
    path("login/sso/callback", sso.callback, name="sso_callback"),
    path("logout", sessions.log_out, name="logout"),
    path("workflow/my", my_workflows.my_workflows, name="my_workflows"),
    path("workflow/my/<uuid:guid>", review.review, name="review"),
    path("workflow/my/<int:reference_id>", review.review_by_reference, name="review_by_reference"),
    path("workflow/my/<uuid:guid>/lint", lint.lint, name="lint"),
    path("workflow/instances", instances.instances, name="instances"),
    path("workflow/instances.csv", instances.instances_csv, name="instances_csv"),
    path("workflow/instances/columns", searches.keep_columns, name="instance_columns"),
    path("workflow/instances/searches", searches.save, name="instance_searches"),
    path("workflow/instances/searches/<int:search_id>", searches.edit, name="instance_search"),
    path("workflow/instances/purge", purge.purge, name="instances_purge"),
    path("workflow/instances/selected", selection.selected, name="instances_selected"),
    path("workflow/instances/<uuid:guid>", instance.instance, name="instance"),
    path(
        "workflow/instances/<int:reference_id>", instance.instance_by_reference, name="instance_by_reference"
    ),
    path(
        "workflow/instances/<uuid:guid>/definition", instance.instance_definition, name="instance_definition"
    ),
    path("workflow/instances/<uuid:guid>/stop", operations.stop, name="instance_stop"),
    path("workflow/instances/<uuid:guid>/restart", operations.restart, name="instance_restart"),
    path("workflow/instances/<uuid:guid>/delete", operations.delete, name="instance_delete"),
    path("enroll/csr", enrollment.enroll_csr, name="enroll_csr"),
    path("enroll/pfx", enrollment.enroll_pfx, name="enroll_pfx"),
    path("enroll/<uuid:guid>", enrolled.enroll_complete, name="enroll_complete"),
    path("certificates", certificates.certificates, name="certificates"),
    path("certificates.csv", certificates.certificates_csv, name="certificates_csv"),
    path("certificates/<int:certificate_id>", certificates.certificate, name="certificate"),
    path(
        "certificates/<int:certificate_id>/revoke", revocation.certificate_revoke, name="certificate_revoke"
    ),
    path("certificates/<int:certificate_id>/pickup", pickup.certificate_pickup, name="certificate_pickup"),
    path(
        "certificates/<int:certificate_id>/download/<str:file_format>",
        certificates.certificate_download,
        name="certificate_download",
    ),
    path("search", search.search, name="search"),
    path("help", documentation.documentation, name="documentation"),
    path("help/<path:name>", documentation.documentation, name="documentation_page"),
    path("", include("portal.urls_definitions")),
    path("", include("portal.urls_administration")),
]
