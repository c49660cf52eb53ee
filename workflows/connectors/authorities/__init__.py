"""Certificate authorities behind one small protocol."""
