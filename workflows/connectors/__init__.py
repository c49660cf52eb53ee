"""What talks to the outside, or signs: no Django, no rows; actions store what comes back."""
