"""Routes of the studio: one module for each thing that a page asks about."""
