"""X.509 over `cryptography`: pure functions and frozen dataclasses, no Django, no input or output."""
