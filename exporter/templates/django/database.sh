#!/bin/sh
# The database and its owner, made when the server of compose.yaml starts for
# the first time. The owner is no superuser: row-level security binds it.
set -eu

psql -v ON_ERROR_STOP=1 -v password="$APP_PASSWORD" --username postgres <<'SQL'
create role app login createrole password :'password';
create database app owner app;
SQL
