"""Supabase on 127.0.0.1, as far as exported applications need it: real HTTP, and rows in a real PostgreSQL.

    with SupabaseServer(url_of_a_database_with_the_exported_migration) as supabase:
        build(NEXT_PUBLIC_SUPABASE_URL=supabase.url)

Accounts are rows of `auth.users`, with passwords in memory; who is signed in reaches the tables as `authenticated` with
the claims of the token, so the exported policies decide what the application sees.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID, uuid4

import jwt
import psycopg

from tests.fakes.postgrest import Postgrest, Refused, Request, sign_in
from tests.fakes.serving import LocalHandler, LocalServer

ANON_KEY = "anon-key-of-the-fake"
_SECRET = "a secret of the fake that is long enough for HS256"
_SECONDS = 3600
_ALLOWED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Expose-Headers": "Content-Range, X-Supabase-Api-Version",
    "Access-Control-Max-Age": "600",
}


@dataclass
class Account:
    """Somebody who can sign in."""

    id: UUID
    email: str
    password: str
    refresh_tokens: set[str] = field(default_factory=set)


class AuthRefused(Exception):
    """A refusal of the auth service, which words it differently."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message}


class SupabaseServer(LocalServer):
    """The server, on a free port."""

    def __init__(self, database: str) -> None:
        super().__init__(Handler)
        self.database = database
        self.tables = Postgrest(database)
        self.accounts: dict[str, Account] = {}
        self.requests: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    def sign_up(self, email: str, password: str) -> Account:
        """A new account."""
        if email in self.accounts:
            raise AuthRefused(422, "user_already_exists", "User already registered")
        if len(password) < 6:
            raise AuthRefused(422, "weak_password", "Password should be at least 6 characters.")
        account = self.accounts[email] = Account(uuid4(), email, password)
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("insert into auth.users (id, email) values (%s, %s)", [account.id, email])
        return account

    def session(self, account: Account) -> dict[str, Any]:
        """What a sign-in answers."""
        now = int(time.time())
        claims = {
            "iss": f"{self.url}/auth/v1", "sub": str(account.id), "aud": "authenticated", "role": "authenticated",
            "email": account.email, "iat": now, "exp": now + _SECONDS, "session_id": str(uuid4()),
        }  # fmt: skip
        refresh = uuid4().hex
        account.refresh_tokens.add(refresh)
        return {
            "access_token": jwt.encode(claims, _SECRET, algorithm="HS256"),
            "token_type": "bearer",
            "expires_in": _SECONDS,
            "expires_at": now + _SECONDS,
            "refresh_token": refresh,
            "user": shown(account),
        }


def shown(account: Account) -> dict[str, Any]:
    """An account as the auth service shows it."""
    moment = "2026-01-01T00:00:00Z"
    return {
        "id": str(account.id), "aud": "authenticated", "role": "authenticated", "email": account.email, "phone": "",
        "email_confirmed_at": moment, "app_metadata": {}, "user_metadata": {}, "identities": [], "is_anonymous": False,
        "created_at": moment, "updated_at": moment,
    }  # fmt: skip


class Handler(LocalHandler):
    """Answers requests, one thread a connection."""

    owner: SupabaseServer

    def do_OPTIONS(self) -> None:  # noqa: N802 (a name of http.server)
        asked = self.headers.get("Access-Control-Request-Headers", "")
        self.send(204, None, {"Access-Control-Allow-Headers": asked})

    def respond(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        self.owner.requests.append((self.command, self.path))
        try:
            service, _, path = address.path.strip("/").partition("/v1/")
            if self.headers.get("apikey") != ANON_KEY:
                raise AuthRefused(401, "no_api_key", "No API key found in request")
            answers = {"rest": self.rest, "auth": self.auth, "storage": self.storage}
            status, data, headers = answers[service](unquote(path), parse_qsl(address.query), content)
        except (Refused, AuthRefused) as refused:
            status, data, headers = refused.status, refused.body, {}
        self.send(status, data, headers)

    def send(self, status: int, data: Any, headers: dict[str, str]) -> None:
        body = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), **_ALLOWED, **headers}
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def claims(self) -> dict[str, Any]:
        """Whose token the request carries; nobody's with the anon key."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token in ("", ANON_KEY):
            return {}
        try:
            return dict(jwt.decode(token, _SECRET, algorithms=["HS256"], audience="authenticated"))
        except jwt.InvalidTokenError as error:
            raise Refused(401, "PGRST301", f"JWT: {error}") from error

    def rest(self, table: str, parameters: list[tuple[str, str]], content: bytes) -> tuple[int, Any, dict[str, str]]:
        assert self.headers["Accept-Profile" if self.command in ("GET", "HEAD") else "Content-Profile"] == "public"
        answer = self.owner.tables.answer(
            Request(
                method=self.command,
                table=table,
                parameters=parameters,
                body=json.loads(content) if content else None,
                claims=self.claims(),
                prefer=frozenset(self.headers.get("Prefer", "").split(",")),
                wants_one="vnd.pgrst.object" in self.headers.get("Accept", ""),
            )
        )
        return answer.status, answer.rows, {"Content-Range": answer.content_range} if answer.content_range else {}

    def auth(self, path: str, parameters: list[tuple[str, str]], content: bytes) -> tuple[int, Any, dict[str, str]]:
        version = {"X-Supabase-Api-Version": self.headers.get("X-Supabase-Api-Version", "2024-01-01")}
        given = json.loads(content) if content else {}
        with self.owner.lock:
            if (self.command, path) == ("POST", "signup"):
                return 200, self.owner.session(self.owner.sign_up(given["email"], given["password"])), version
            if (self.command, path) == ("POST", "token"):
                return 200, self.owner.session(self.signed_in(dict(parameters)["grant_type"], given)), version
            account = next((a for a in self.owner.accounts.values() if str(a.id) == self.claims().get("sub")), None)
            if account is None:
                raise AuthRefused(403, "session_not_found", "Auth session missing!")
            if (self.command, path) == ("GET", "user"):
                return 200, shown(account), version
            if (self.command, path) == ("POST", "logout"):
                account.refresh_tokens.clear()
                return 204, None, version
        raise AuthRefused(404, "not_found", f"There is no {self.command} {path}")

    def signed_in(self, grant: str, given: dict[str, Any]) -> Account:
        if grant == "refresh_token":
            for account in self.owner.accounts.values():
                if given["refresh_token"] in account.refresh_tokens:
                    account.refresh_tokens.remove(given["refresh_token"])
                    return account
            raise AuthRefused(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
        found = self.owner.accounts.get(given["email"])
        if found is None or found.password != given["password"]:
            raise AuthRefused(400, "invalid_credentials", "Invalid login credentials")
        return found

    def storage(self, path: str, parameters: list[tuple[str, str]], content: bytes) -> tuple[int, Any, dict[str, str]]:
        """Files by name only: who may store and who may open one, the exported policies decide."""
        found = re.fullmatch(r"object/(sign/)?attachments/([\w-]+)", path)
        if self.command != "POST" or not found:
            raise Refused(404, "not_found", f"There is no {self.command} {path}")
        try:
            with psycopg.connect(self.owner.database) as connection:
                sign_in(connection, self.claims())
                if found[1]:
                    seen = connection.execute("select from storage.objects where name = %s", [found[2]]).rowcount
                    if not seen:
                        raise Refused(400, "not_found", "Object not found")
                    return 200, {"signedURL": f"/object/sign/attachments/{found[2]}?token=x"}, {}
                connection.execute(
                    "insert into storage.objects (bucket_id, name) values ('attachments', %s)", [found[2]]
                )
        except psycopg.Error as error:
            raise Refused(403, "42501", str(error)) from error
        return 200, {"Id": str(uuid4()), "Key": f"attachments/{found[2]}"}, {}
