"""Template tags of the pages of records."""
