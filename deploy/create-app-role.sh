#!/bin/sh
# Run once by the postgres image on an empty volume: the role and the database of VibeCRM. The role is no superuser and
# row-level security binds it; CREATEROLE and the ownership of its database let it make projects.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set password="$APP_DATABASE_PASSWORD" <<'SQL'
create role vibecrm_app login nosuperuser nobypassrls createrole nocreatedb password :'password';
create database vibecrm owner vibecrm_app;
revoke connect, temporary on database vibecrm, postgres, template1 from public;
grant connect on database vibecrm to vibecrm_app;
\connect vibecrm
revoke all on schema public from public;
SQL
