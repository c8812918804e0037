"""Local servers that speak the protocols of remote services."""
