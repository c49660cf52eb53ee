"""Tokens, conditions and scripts of definitions; pure functions, no Django (design.md, 3)."""
