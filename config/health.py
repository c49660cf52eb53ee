"""What a load balancer asks: does this process live, and can it do its work?"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from workflows.management.readiness import problems


def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations, broker and a worker are there; else 503 and what is not."""
    found = problems()
    if found:
        return JsonResponse({"status": "unavailable", "problems": found}, status=503)
    return JsonResponse({"status": "ready"})
