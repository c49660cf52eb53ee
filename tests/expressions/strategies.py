"""Values as the data of an instance may hold them."""

from __future__ import annotations

from hypothesis import strategies as st

# Everything but NUL and lone surrogates, with what breaks out of places more often than chance gives it.
characters = st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from(
    "\"\\'<>&;:/?#@%$(){}[]\r\n\t. "
)
texts = st.text(characters, max_size=30)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
)
json_values = st.recursive(
    scalars | texts,
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(characters, min_size=1), each, max_size=3)
    ),
    max_leaves=8,
)
