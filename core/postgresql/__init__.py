"""The engine of `DATABASES`: Django's for PostgreSQL, with a pool that asks no connection whether it is alive."""
