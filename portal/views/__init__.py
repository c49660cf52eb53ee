"""Pages by area: a view reads the request, calls an action, and shows what a presenter made of the rows."""
