"""Settings, URLs, Celery and the supervisor of Countersign."""
