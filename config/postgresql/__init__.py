"""Django's backend for PostgreSQL, with a pool that is as good as new as soon as the server is back."""
