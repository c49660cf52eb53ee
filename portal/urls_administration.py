"""Administration, and everybody's own account."""

from __future__ import annotations

from django.urls import path

from portal.views import (
    account,
    app_settings,
    audit,
    authorities,
    members,
    metadata_fields,
    roles,
    scripts,
    second_factor,
    subscriptions,
    templates,
    user_forms,
    user_tokens,
    users,
)

_USER, _ROLE = "administration/users/<int:user_id>", "administration/roles/<int:role_id>"
_SCRIPT = "administration/scripts/<int:script_id>"
_FIELD = "administration/metadata/<int:field_id>"
_SUBSCRIPTION = "administration/webhooks/<uuid:guid>"

urlpatterns = [
    path("administration/users", users.user_list, name="users"),
    path("administration/users/new", user_forms.user_new, name="user_new"),
    path(_USER, users.user, name="user"),
    path(f"{_USER}/edit", user_forms.user_edit, name="user_edit"),
    path(f"{_USER}/password", user_forms.user_password, name="user_password"),
    path(f"{_USER}/active", user_forms.user_active, name="user_active"),
    path(f"{_USER}/tokens/new", user_tokens.user_token_new, name="user_token_new"),
    path(f"{_USER}/tokens/<int:token_id>/end", user_tokens.user_token_end, name="user_token_end"),
    path("administration/roles", roles.role_list, name="roles"),
    path("administration/roles/new", roles.role_new, name="role_new"),
    path(_ROLE, roles.role, name="role"),
    path(f"{_ROLE}/edit", roles.role_edit, name="role_edit"),
    path(f"{_ROLE}/delete", roles.role_delete, name="role_delete"),
    path(f"{_ROLE}/members", members.role_members_add, name="role_members_add"),
    path(f"{_ROLE}/members/suggest", members.role_members_suggest, name="role_members_suggest"),
    path(f"{_ROLE}/members/<int:user_id>/remove", members.role_member_remove, name="role_member_remove"),
    path("administration/templates", templates.template_list, name="templates"),
    path("administration/templates/<int:template_id>", templates.template, name="template"),
    path("administration/templates/<int:template_id>/edit", templates.template_edit, name="template_edit"),
    path("administration/authorities", authorities.authority_list, name="authorities"),
    path("administration/authorities/<int:authority_id>", authorities.authority, name="authority"),
    path(
        "administration/authorities/<int:authority_id>/publish-crl",
        authorities.authority_publish_crl,
        name="authority_publish_crl",
    ),
    path("administration/metadata", metadata_fields.metadata_field_list, name="metadata_fields"),
    path("administration/metadata/new", metadata_fields.metadata_field_new, name="metadata_field_new"),
    path(_FIELD, metadata_fields.metadata_field, name="metadata_field"),
    path(f"{_FIELD}/delete", metadata_fields.metadata_field_delete, name="metadata_field_delete"),
    path("administration/scripts", scripts.script_list, name="scripts"),
    path("administration/scripts/new", scripts.script_new, name="script_new"),
    path(_SCRIPT, scripts.script, name="script"),
    path(f"{_SCRIPT}/edit", scripts.script_edit, name="script_edit"),
    path(f"{_SCRIPT}/delete", scripts.script_delete, name="script_delete"),
    path("administration/users.csv", users.user_csv, name="users_csv"),
    path("administration/roles.csv", roles.role_csv, name="roles_csv"),
    path("administration/webhooks", subscriptions.subscription_list, name="subscriptions"),
    path("administration/webhooks/new", subscriptions.subscription_new, name="subscription_new"),
    path(_SUBSCRIPTION, subscriptions.subscription, name="subscription"),
    path(f"{_SUBSCRIPTION}/edit", subscriptions.subscription_edit, name="subscription_edit"),
    path(f"{_SUBSCRIPTION}/delete", subscriptions.subscription_delete, name="subscription_delete"),
    path("administration/settings", app_settings.app_setting_list, name="app_settings"),
    path("administration/audit", audit.audit_log, name="audit_log"),
    path("administration/audit.csv", audit.audit_csv, name="audit_csv"),
    path("administration/audit/<int:entry_id>", audit.audit_entry, name="audit_entry"),
    path("account", account.own_account, name="account"),
    path("account/time-zone", account.account_time_zone, name="account_time_zone"),
    path("account/theme", account.account_theme, name="account_theme"),
    path("account/password", account.account_password, name="account_password"),
    path("account/second-factor", second_factor.own_second_factor, name="account_second_factor"),
    path("account/second-factor/end", second_factor.second_factor_end, name="account_second_factor_end"),
    path("account/sessions/end", account.account_sessions_end, name="account_sessions_end"),
    path("account/tokens/new", account.account_token_new, name="account_token_new"),
    path("account/tokens/<int:token_id>/end", account.account_token_end, name="account_token_end"),
]
