"""Shapes of bodies and answers, by resource (api-contract.md, sections 2 and 6)."""
