"""The trash of a project: what was deleted or edited in bulk, put back or deleted for good.

Triggers fill it (docs/adr/0013-trash.md); here it is read, and what it holds goes back to where it was.
"""
