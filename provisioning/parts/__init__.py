"""What a table has beside its columns: checks, unique constraints, indexes, policies, foreign keys.

Parts are derived from the document, and two versions of a table are compared part by part. So nothing depends on how a
change was said: an index that a relation brings along and one that the document asks for are the same index.
"""
