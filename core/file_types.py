"""What a file is: its type by what is in it, and its name without what could deceive.

Browsers and callers say what they like about a file, so neither their media type nor the ending of the name is
believed. The table of signatures is small on purpose: it knows what businesses exchange, and it decides which files
are shown in a browser, so every line of it must be easy to judge. What it does not know is "some bytes".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

MAX_FILE_NAME: Final = 200
"""Characters of a file's name."""

_MAX_NAME_BYTES: Final = 255
"""What Linux and macOS have room for (NAME_MAX of POSIX), in UTF-8."""

HEAD_BYTES: Final = 4096
"""How much of a file's start tells its type."""

UNKNOWN: Final = "application/octet-stream"

SHOWN_IN_BROWSER: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The types that a browser may show: pictures that can hold no script. All others are downloaded, PDF included:
browsers refuse to show it in the sandbox that every file is served with."""

_SIGNATURES: Final = (
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/gif", 0, b"GIF87a"),
    ("image/gif", 0, b"GIF89a"),
    ("image/webp", 8, b"WEBPVP8"),
    ("image/tiff", 0, b"II*\0"),
    ("image/tiff", 0, b"MM\0*"),
    ("image/bmp", 6, b"\0\0\0\0"),
    ("image/avif", 4, b"ftypavif"),
    ("image/heic", 4, b"ftypheic"),
    ("image/heic", 4, b"ftypheix"),
    ("image/heic", 4, b"ftypmif1"),
    ("audio/mp4", 4, b"ftypM4A"),
    ("video/quicktime", 4, b"ftypqt  "),
    ("video/mp4", 4, b"ftyp"),
    ("video/webm", 0, b"\x1aE\xdf\xa3"),
    ("audio/wav", 8, b"WAVE"),
    ("audio/mpeg", 0, b"ID3\x03"),
    ("audio/mpeg", 0, b"ID3\x04"),
    ("audio/mpeg", 0, b"\xff\xfb"),
    ("audio/ogg", 0, b"OggS"),
    ("audio/flac", 0, b"fLaC"),
    ("application/pdf", 0, b"%PDF-"),
    ("application/rtf", 0, b"{\\rtf"),
    ("application/zip", 0, b"PK\x03\x04"),
    ("application/zip", 0, b"PK\x05\x06"),
    ("application/gzip", 0, b"\x1f\x8b\x08"),
    ("application/x-7z-compressed", 0, b"7z\xbc\xaf\x27\x1c"),
    ("application/vnd.rar", 0, b"Rar!\x1a\x07"),
    ("application/x-ole-storage", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
)
"""Media type, offset and the bytes there; the special before the general. From the WHATWG standard "MIME Sniffing",
section 6, and the formats' own specifications."""

_ALSO_STARTS: Final[Mapping[str, bytes]] = {"image/webp": b"RIFF", "audio/wav": b"RIFF", "image/bmp": b"BM"}
"""What stands at the very start too, where the signature is further in."""

_WITHIN: Final[Mapping[str, Mapping[str, str]]] = {
    "application/zip": {
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".odt": "application/vnd.oasis.opendocument.text",
        ".ods": "application/vnd.oasis.opendocument.spreadsheet",
        ".odp": "application/vnd.oasis.opendocument.presentation",
        ".epub": "application/epub+zip",
    },
    "application/x-ole-storage": {
        ".doc": "application/msword",
        ".xls": "application/vnd.ms-excel",
        ".ppt": "application/vnd.ms-powerpoint",
        ".msg": "application/vnd.ms-outlook",
    },
    "text/plain": {
        ".csv": "text/csv",
        ".md": "text/markdown",
        ".ics": "text/calendar",
        ".vcf": "text/vcard",
        ".eml": "message/rfc822",
        ".json": "application/json",
    },
    "application/xml": {".svg": "image/svg+xml", ".html": "text/html", ".xhtml": "application/xhtml+xml"},
}
"""Families of files that look alike from outside; there the ending tells which one it is."""

_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/tiff": (".tif", ".tiff"),
    "image/bmp": (".bmp",),
    "image/avif": (".avif",),
    "image/heic": (".heic", ".heif"),
    "image/svg+xml": (".svg",),
    "audio/mp4": (".m4a",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/flac": (".flac",),
    "video/mp4": (".mp4", ".m4v", ".mov"),
    "video/quicktime": (".mov",),
    "video/webm": (".webm", ".mkv"),
    "application/pdf": (".pdf",),
    "application/rtf": (".rtf", ".doc"),
    "application/zip": (".zip",),
    "application/gzip": (".gz", ".tgz"),
    "application/x-7z-compressed": (".7z",),
    "application/vnd.rar": (".rar",),
    "application/xml": (".xml",),
    "text/plain": (".txt", ".log"),
    "text/html": (".html", ".htm"),
    **{kind: (ending,) for family in _WITHIN.values() for ending, kind in family.items()},
}
"""The endings that files of a type have."""

_TYPES_OF_ENDING: Final[Mapping[str, frozenset[str]]] = {
    ending: frozenset(kind for kind, endings in _ENDINGS.items() if ending in endings)
    for ending in {ending for endings in _ENDINGS.values() for ending in endings}
}

_GENERAL: Final = frozenset({UNKNOWN, "text/plain", "application/zip", "application/xml", "application/x-ole-storage"})
"""Types that say little: a file with an ending that is not known here may be of them."""

_NOT_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""The binary data bytes of the WHATWG standard."""

_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters of Korean that show nothing, which Unicode's categories do not tell."""

_MARKUP: Final = re.compile(
    rb"\s*<(?:!--|!doctype\s+html|(?P<svg>svg)|(?P<xml>\?xml)"
    rb"|(?:html|head|body|script|iframe|style|title|table|div|img|font|br|a|b|p|h1)(?=[\s>/]))"
)
"""The start of a text that a browser would read as a page."""


def sniff(head: bytes, name: str) -> str:
    """The media type of a file.

    Args:
        head: its first `HEAD_BYTES` bytes.
        name: its name. The ending chooses among types that have the same start, and decides nothing else.
    """
    family = _family(head)
    return _WITHIN.get(family, {}).get(ending_of(name), family)


def is_named_rightly(name: str, content_type: str) -> bool:
    """Whether a file of that type may have that name: a `.png` is a picture, and no program or page."""
    ending = ending_of(name)
    if not ending:
        return True
    return content_type in _TYPES_OF_ENDING.get(ending, _GENERAL)


def ending_of(name: str) -> str:
    """The ending of a name with its dot, in lower case, or nothing."""
    return PurePosixPath(name).suffix.lower()


def clean_name(name: str) -> str:
    """A name that can be shown and saved anywhere: no folders, nothing invisible, no letters that turn the direction.

    Args:
        name: as the caller sent it.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(" " if character.isspace() else character for character in plain if _is_visible(character))
    tidy = " ".join(visible.split()).strip(". ") or "file"
    if len(tidy) <= MAX_FILE_NAME and len(tidy.encode()) <= _MAX_NAME_BYTES:
        return tidy
    ending = PurePosixPath(tidy).suffix[:20]
    start = tidy[: MAX_FILE_NAME - len(ending)].encode()[: _MAX_NAME_BYTES - len(ending.encode())]
    return start.decode(errors="ignore").rstrip() + ending


def _is_visible(character: str) -> bool:
    return character.isspace() or (unicodedata.category(character)[0] != "C" and character not in _FILLERS)


def _family(head: bytes) -> str:
    for kind, offset, signature in _SIGNATURES:
        if head.startswith(signature, offset) and head.startswith(_ALSO_STARTS.get(kind, b"")):
            return kind
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    if _NOT_TEXT.search(head):
        return UNKNOWN
    return _kind_of_text(head.removeprefix(b"\xef\xbb\xbf").lower())


def _kind_of_text(text: bytes) -> str:
    markup = _MARKUP.match(text)
    if markup is None:
        return "text/plain"
    if markup["svg"] or b"<svg" in text:
        return "image/svg+xml"
    return "application/xml" if markup["xml"] else "text/html"
