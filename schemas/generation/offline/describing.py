"""The grammar of descriptions: which things a text names, with which attributes, linked to what.

`patients with name and birthday, appointments linked to a patient and a dentist; each treatment has a price` reads as
four mentions: patients (name, birthday), appointments (linked to patient, dentist), dentist, and treatment (price).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from schemas.document import Json
from schemas.generation.offline.attributes import run_on, shared_noun, slashed, stated
from schemas.generation.offline.bonds import Bond, bond_of, bond_of_sentence, single_target
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import (
    bare,
    explicit_type,
    is_plural,
    is_shared,
    is_singular_mention,
    noun_key,
    options,
    type_of,
    words,
)
from schemas.generation.offline.mentions import Link, Mention, give
from schemas.generation.offline.reading import Chunk, Reading, chunks, things_in, values, without_heading


class MentionReader:
    """Reads descriptions, sentence by sentence, and remembers what they are about.

    Args:
        reading: the prompt, for its asides.
        is_known: whether a noun is the name of a table that exists or is bundled.
    """

    def __init__(self, reading: Reading, is_known: Callable[[str], bool]) -> None:
        self.mentions: dict[str, Mention] = {}
        self._reading = reading
        self._is_known = is_known
        self._current: Mention | None = None
        self._mode = "things"
        self._is_closed = False
        self._last_target = ""
        self._choices: dict[str, Json] | None = None
        self._statement_only = False

    def read_list(self, text: str) -> None:
        """Reads an enumeration of things."""
        self._mode, self._current, self._statement_only = "things", None, False
        self._read(without_heading(text))

    def read_statement(self, text: str, continues: bool = False) -> None:
        """Reads a sentence that says something about things; bare words in it are no things unless it continues."""
        self._statement_only = not continues
        self._mode = "things"
        if not continues:
            self._current = None
        self._read(pattern("lead").sub("", text))

    def _read(self, text: str) -> None:
        if each := pattern("for_each").match(text):
            text = f"each {each['thing']} has {each['rest']}"
        if bond := bond_of_sentence(text):
            self._bind(bond)
            return
        pieces = [part for piece in chunks(text) for part in things_in(piece, self._is_known)]
        for index, piece in enumerate(pieces):
            following = pieces[index + 1].text if index + 1 < len(pieces) else ""
            self._read_chunk(Chunk(shared_noun(piece.text, following), piece.separator))

    def _read_chunk(self, chunk: Chunk) -> None:
        readers = (self._read_colon, self._read_bond, self._read_has_many, self._read_link, self._read_has)
        if not any(reader(chunk.text) for reader in readers):
            self._read_bare(chunk)

    def _read_colon(self, text: str) -> bool:
        found = pattern("colon").match(text)
        if not found or self._is_attribute_place(found["thing"]):
            return False
        if pattern("has").match(found["rest"]) or pattern("is_linked").match(found["rest"]):
            self._read_chunk(Chunk(found["rest"]))
        else:
            self._about(found["thing"])
            self._attribute_or_link(found["rest"])
        return True

    def _read_bond(self, text: str) -> bool:
        bond = bond_of(text, self.mentions)
        if bond is not None:
            self._bind(bond)
        return bond is not None

    def _bind(self, bond: Bond) -> None:
        self._about(bond.thing)
        if self._current and (bond.role or not bond.target):
            self._current.links.append(Link(bond.target or self._current.phrase, role=bond.role))
        else:
            self._link(bond.target, is_many=bond.is_many)

    def _read_has_many(self, text: str) -> bool:
        found = pattern("has_many").match(text)
        if not found:
            return False
        self._about(found["thing"])
        described = pattern("has").match(found["rest"])
        owned = described["thing"] if described else found["rest"]
        if self._current and is_shared(bare(self._reading.take_asides(owned)[0])):
            self._link(owned, is_many=True)
        elif self._current:
            self._owned_by(self._current, owned)
            self._mode = "owned"
        if described:
            self._about(described["thing"])
            self._attribute_or_link(described["rest"])
        return True

    def _read_link(self, text: str) -> bool:
        found = pattern("is_linked").match(text)
        if not found:
            return False
        before, target = found["thing"], found["rest"]
        verb = text[found.end("thing") : found.start("rest")]
        if self._is_attribute_place(before) and self._current:
            self._attribute(before)
        else:
            self._about(before)
        self._link(target, is_required=pattern("must").search(text) is not None, verb=verb)
        return True

    def _read_has(self, text: str) -> bool:
        found = pattern("has").match(text)
        if not found or (self._mode == "attributes" and self._is_choice(found["thing"], text)):
            return False
        if self._mode == "links" and pattern("one_with").match(text):
            self._link(text)
            return True
        self._about(found["thing"])
        if not self._current:
            return False
        self._attribute_or_link(found["rest"])
        return True

    def _read_bare(self, chunk: Chunk) -> None:
        text = chunk.text
        if self._choices is not None and self._is_choice_of_list(text):
            self._more_choices(text)
        elif pattern("question").match(text):
            self._attribute(text)
        elif self._mode == "attributes" and not self._starts_a_thing(chunk):
            self._is_closed = chunk.separator.endswith("and")
            self._attribute_or_link(text)
        elif self._mode == "links" and self._continues_links(chunk):
            self._link(text)
        elif self._mode == "owned" and self._current and chunk.separator:
            self._owned_by(self._current, text)
        elif not self._statement_only or self._is_known(text) or self._is_described(text):
            self._about(text)

    def _is_described(self, text: str) -> bool:
        """Whether a plural stands before an aside: `seeds (name, picture)`."""
        return is_plural(self._reading.take_asides(text)[0]) and self._reading.take_asides(text)[1] != ()

    def _about(self, phrase: str) -> None:
        """Makes the thing in words the one that is spoken of."""
        text, asides = self._reading.take_asides(phrase)
        if pattern("pronoun").match(text) and self._current:
            return
        place = pattern("may_be_linked").match(text)
        mention = self._mention(place["thing"] if place else text)
        if mention is None:
            return
        if place:
            mention.links.append(Link(bare(place["rest"]), is_certain=is_plural(place["rest"])))
        self._current, self._is_closed, self._choices = mention, False, None
        for aside in asides:
            self._mode = "attributes"
            self._read(aside)
        self._mode, self._choices = "things", None
        if place and pattern("an").match(place["rest"]):
            self._mode, self._last_target = "links", place["rest"]

    def _mention(self, phrase: str) -> Mention | None:
        text = pattern("table_word").sub("", pattern("relative").sub("", bare(phrase)))
        key = noun_key(text)
        if not key or len(text.split()) > 5 or key in words("stop_things") or key.endswith("_management"):
            return None
        if self._statement_only and key not in self.mentions:
            longer = [mention for known, mention in self.mentions.items() if known.endswith(f"_{key}")]
            if len(longer) == 1:
                return longer[0]
        return self.mentions.setdefault(key, Mention(text))

    def _attribute_or_link(self, text: str) -> None:
        """An attribute, unless the words go on to a link or name a thing that is mentioned already."""
        link = pattern("is_linked").match(text)
        if link and self._current:
            if link["thing"]:
                self._attribute(link["thing"])
            self._link(link["rest"], verb=text[link.end("thing") : link.start("rest")])
            return
        if self._current and (single := single_target(text)):
            self._current.links.append(Link(self._reading.take_asides(single)[0], is_single=True))
            self._mode = "attributes"
            return
        target, asides = self._reading.take_asides(text)
        if self._current and not asides and self._names_a_thing(target):
            give(self._current, Link(bare(target), is_many=not is_singular_mention(target)), self.mentions)
            self._mode = "attributes"
        else:
            self._attribute(text)

    def _names_a_thing(self, text: str) -> bool:
        key = noun_key(text)
        return key in self.mentions and self._current is not None and key != self._current.key

    def _attribute(self, text: str) -> None:
        self._mode = "attributes"
        if len(several := run_on(bare(text)) if "/" not in text else slashed(text)) > 1:
            for one in several:
                self._attribute(one)
            return
        described, self._choices = self._with_choices(text)
        if described and self._current and described["name"] not in [item["name"] for item in self._current.columns]:
            self._current.columns.append(described)

    def _with_choices(self, text: str) -> tuple[dict[str, Json] | None, dict[str, Json] | None]:
        """The attribute, and again where `status: open` begins a list of choices that the next chunks go on with."""
        found = pattern("colon").match(text)
        if not found or explicit_type(found["rest"]):
            return stated(text, self._reading), None
        described = stated(found["thing"], self._reading)
        if described is not None:
            rest, asides = self._reading.take_asides(found["rest"])
            is_several = is_plural(found["thing"]) or any(pattern("several").match(aside) for aside in asides)
            described |= {"type": "multi_select" if is_several else "select", "options": options(values(rest))}
        return described, described

    def _more_choices(self, text: str) -> None:
        """`c (several)` behind `tags: a, b`; the aside says that a row may have more than one of them."""
        text, asides = self._reading.take_asides(text)
        if self._choices is not None:
            self._choices["options"] = options([*(item["label"] for item in self._choices["options"]), *values(text)])
            if any(pattern("several").match(aside) for aside in asides):
                self._choices["type"] = "multi_select"

    def _is_choice_of_list(self, text: str) -> bool:
        is_thing = self._is_known(text) and is_plural(text)
        return type_of(text) in ("text", "boolean") and not is_thing and len(text.split()) <= 3

    def _link(self, target: str, *, is_required: bool = False, is_many: bool = False, verb: str = "") -> None:
        one = pattern("one_to_one")
        is_single = bool(one.search(target) or one.search(verb))
        target, verb = one.sub("", target).strip(), pattern("aux").sub("", one.sub("", verb).strip())
        if both := pattern("and_another").match(target):
            self._link(both["first"], is_required=is_required, verb=verb)
            target = both["second"]
        rest = pattern("has").match(target)
        many = is_many or pattern("many_of").match(target) is not None
        phrase = bare(self._reading.take_asides(rest["thing"] if rest else target)[0])
        if not self._current or not phrase:
            return
        link = Link(phrase, is_many=many, is_required=is_required, is_single=is_single, verb=verb)
        self._current.links.append(link)
        self._last_target, self._mode = target, "links"
        if rest:
            self._attribute_or_link(rest["rest"])

    def _owned_by(self, owner: Mention, phrase: str) -> None:
        owned = self._mention(self._reading.take_asides(phrase)[0])
        if owned:
            owned.links.append(Link(owner.phrase))

    def _is_attribute_place(self, text: str) -> bool:
        """Whether words before a colon or a link are an attribute of what is spoken of, rather than a new thing."""
        is_noun = (self._is_known(text) or is_plural(text)) and noun_key(text) not in words("attribute_nouns")
        starts_anew = re.match(r"(?:each|every|all)\s", text, re.IGNORECASE) or is_noun
        return bool(self._mode == "attributes" and self._current and text and not starts_anew)

    def _is_choice(self, before: str, text: str) -> bool:
        return pattern("choice").search(text) is not None and not self._is_known(before)

    def _starts_a_thing(self, chunk: Chunk) -> bool:
        """Whether a chunk behind attributes is the next thing of the list rather than one attribute more."""
        text = self._reading.take_asides(chunk.text)[0]
        if re.match(r"(?:each|every)\s", text, re.IGNORECASE):
            return True
        if not is_plural(text):
            return False
        after_the_last = self._is_closed and chunk.separator.startswith(",")
        return after_the_last or (self._is_known(text) and noun_key(text) not in words("attribute_nouns"))

    def _continues_links(self, chunk: Chunk) -> bool:
        """`a patient` goes on with `and a dentist`, not with `invoices`."""
        is_one = is_singular_mention(self._reading.take_asides(chunk.text)[0])
        if is_singular_mention(self._last_target):
            return is_one
        return chunk.separator == "and" and not is_one
