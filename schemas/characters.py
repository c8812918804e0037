"""Characters that people cannot see, or take for others: named, removed, and read as what they look like.

What is invisible is Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), and the control characters of
Latin-1. What looks alike is that part of Unicode's confusables.txt (UTS #39) that concerns the scripts of which
letters get into names by keyboard: Cyrillic, Greek, Armenian and the phonetic letters of Latin. Wider letters,
mathematical ones and the like are Unicode's own compatibility forms (NFKC).
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final

_IGNORABLE: Final = (
    "\u0080-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE: Final = re.compile(f"[{_IGNORABLE}]")
_UNPRINTABLE: Final = re.compile(f"[{_IGNORABLE}\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")

_MEANT: Final = re.compile(
    # The flags of England, Scotland and Wales, spelled in invisible letters.
    "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
    # A form of the character before it, such as an emoji in colour.
    "|(?<=[^\\s\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef])[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    # Joiners inside Persian and Indic words and between emoji; no script before Hebrew has a use for them.
    "|(?<=[\u0590-\u1fff\u2190-\u2bff\ufe0f\U0001f000-\U0001ffff])[\u200c\u200d]"
    "(?=[\u0590-\u1fff\u2190-\u2bff\U0001f000-\U0001ffff])"
)
"""What no eye sees, and yet belongs where it stands."""

_LOOKALIKES: Final = dict(
    zip(
        "аАЬВсСԁеЕҽԌһНіӏІӀјЈКМоОрРԛгѕЅТѵѴԝԜхХуУүҮ"  # noqa: RUF001
        "αΑΒΕΗιϳͿΚΙΜϺΝοσΟρΡΤυνΧγΥΖ"  # noqa: RUF001
        "քցհոռօՕզսՍɑᴄɡıɪᴏꜱᴜʋᴠɯᴡʏᴢ",  # noqa: RUF001
        "aAbBcCdeEeGhHilIljJKMoOpPqrsSTvVwWxXyYyYaABEHijJKIMMNooOpPTuvXyYZfghnnoOquUacgiiosuvvwwyz",
        strict=True,
    )
)
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L"}
    | {"þ": "th", "Þ": "TH", "ð": "d", "ħ": "h"}
)
_WORD: Final = re.compile(r"[^\W_]+")
_MOST_NAMED: Final = 3


def invisible(text: str) -> str:
    """The characters of a text that nobody sees and that no script needs where they stand, each once."""
    if text.isascii():
        return ""
    return "".join(dict.fromkeys(_INVISIBLE.findall(_MEANT.sub("", text))))


def without_invisible(text: str) -> str:
    """The text without what `invisible` finds, and without white space around it."""
    if text.isascii():
        return text.strip()
    kept = [match.span() for match in _MEANT.finditer(text)]
    parts, start = [], 0
    for low, high in kept:
        parts += [_INVISIBLE.sub("", text[start:low]), text[low:high]]
        start = high
    return "".join([*parts, _INVISIBLE.sub("", text[start:])]).strip()


def escaped(text: str) -> str:
    r"""The text with every character that cannot be seen as `\u200b`, so that none can hide what a sentence says."""
    return _UNPRINTABLE.sub(lambda found: _escape(found[0]), text)


def named(characters: str) -> str:
    """Characters by code point and name, such as `U+200B ZERO WIDTH SPACE`; the first few of many."""
    names = [f"U+{ord(one):04X} {unicodedata.name(one, '')}".rstrip() for one in characters[:_MOST_NAMED]]
    more = len(characters) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def lookalikes(text: str) -> str:
    """The letters of other scripts in a text that look like letters from a to z, each once."""
    return "".join(dict.fromkeys(one for one in text if one in _LOOKALIKES))


def skeleton(text: str) -> str:
    """What a text looks like at a glance: texts with one skeleton cannot be told apart by sight.

    Capitals, spaces, invisible characters, compatibility forms and the script of a letter make no difference.
    """
    if not text.isascii():
        composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = "".join(_LOOKALIKES.get(one, one) for one in composed)
    return " ".join(text.split()).casefold()


def difference(one: str, other: str) -> str:
    """How two texts of one skeleton differ, as the end of a sentence about both."""
    if one == other:
        return "are the same"
    if one.casefold() == other.casefold():
        return "differ only in capital letters"
    strange = "".join(each for each in dict.fromkeys(one + other) if (each in one) != (each in other))
    foreign = "".join(each for each in strange if not each.isascii())
    return f"look the same, but one of them contains {named(foreign)}" if foreign else "differ only in spaces"


def transliterated(text: str) -> str:
    """The text in ASCII as far as that is certain: `Größe` as `Grosse`; what has no letter there stays.

    A letter of another script counts as what it looks like only in a word that has an ASCII letter too: there it is a
    slip, elsewhere it is another language.
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    plain = _WORD.sub(lambda word: _as_it_looks(word[0]), composed).translate(_LETTERS)
    return "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))


def _as_it_looks(word: str) -> str:
    if not re.search("[A-Za-z]", unicodedata.normalize("NFD", word)):
        return word
    return "".join(_LOOKALIKES.get(one, one) for one in word)


def _escape(one: str) -> str:
    return json.dumps(one)[1:-1] if ord(one) > 0x7F else f"\\u{ord(one):04x}"
