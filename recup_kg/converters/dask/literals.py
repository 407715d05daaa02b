"""Python literals that hold task keys: sets of keys, and dictionaries by key.

Read by scanning, not by evaluating: the graph of a large run is megabytes of them, nesting costs no stack, and nothing is run.
A key is the text that `str(key)` gives in the other files: of a string its characters, of anything else the literal itself.
https://docs.python.org/3/reference/lexical_analysis.html#literals
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")
_STRING = r"""[bB]?(?:'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+")"""
_TOKEN = re.compile(rf"\s*+(?:({_STRING})|([(){{}}\[\],:])|([^\s(){{}}\[\],:'\"]++))", re.DOTALL)
_FLAT_TUPLE = re.compile(r"\s*+(\([^()'\"\\]*+(?:'[^'\\]*+'[^()'\"\\]*+)*+\))")
_INTEGER = re.compile(r"\d{1,20}")
_CLOSING = {"{": "}", "[": "]", "(": ")"}


class LiteralFault(ValueError):
    """The text is no literal of that kind; the message says where."""


def keys(text: str) -> list[str]:
    """The keys of a set, list or tuple of keys, each once, in the order of the text. Raises `LiteralFault`."""
    return list(dict.fromkeys(_whole(text, _Scanner.keys)))


def sizes(text: str) -> list[tuple[str, int]]:
    """The keys of a dictionary from keys to whole numbers, with the numbers. Raises `LiteralFault`."""
    return _whole(text, lambda scanner: scanner.entries(scanner.integer))


def dependencies(text: str) -> list[tuple[str, list[str]]]:
    """The keys of a dictionary from keys to sets of keys, with the sets. Raises `LiteralFault`."""
    return _whole(text, lambda scanner: scanner.entries(scanner.keys))


def _whole(text: str, read: Callable[[_Scanner], T]) -> T:
    scanner = _Scanner(text)
    found = read(scanner)
    if text[scanner.at :].strip():
        raise scanner.fault("the end")
    return found


class _Scanner:
    """A place in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fault(self, wanted: str) -> LiteralFault:
        return LiteralFault(f"character {self.at + 1}: {wanted} expected")

    def entries(self, value: Callable[[], T]) -> list[tuple[str, T]]:
        """A dictionary."""
        found: list[tuple[str, T]] = []
        for key in self._items("{"):
            if self._take()[1] != ":":
                raise self.fault("':'")
            found.append((key, value()))
        return found

    def keys(self) -> list[str]:
        """A set, list or tuple of keys, or `set()`."""
        wrapped = self._wrapper()
        if wrapped and self._peek() == ")":
            self._take()
            return []
        opening = self._peek()
        if opening not in _CLOSING:
            raise self.fault("a set of keys")
        found = list(self._items(opening))
        if wrapped and self._take()[1] != ")":
            raise self.fault("')'")
        return found

    def integer(self) -> int:
        """A whole number."""
        text = self._take()[1]
        if not _INTEGER.fullmatch(text):
            raise self.fault("a whole number")
        return int(text)

    def _wrapper(self) -> bool:
        match = _TOKEN.match(self.text, self.at)
        if match is None or match[3] not in ("set", "frozenset", "dict_keys"):
            return False
        self.at = match.end()
        if self._take()[1] != "(":
            raise self.fault("'('")
        return True

    def _items(self, opening: str) -> Iterator[str]:
        """The keys up to the closing bracket; who iterates may read what follows a key before going on."""
        if self._take()[1] != opening:
            raise self.fault(f"'{opening}'")
        while self._peek() != _CLOSING[opening]:
            yield self._key()
            if self._peek() == ",":
                self._take()
            elif self._peek() != _CLOSING[opening]:
                raise self.fault(f"',' or '{_CLOSING[opening]}'")
        self._take()

    def _key(self) -> str:
        flat = _FLAT_TUPLE.match(self.text, self.at)
        if flat is not None:
            self.at = flat.end()
            return flat[1]
        kind, token = self._take()
        if kind == "string":
            return _characters(token, self)
        if kind == "atom":
            return token
        if token not in ("(", "["):
            raise self.fault("a key")
        return self._balanced()

    def _balanced(self) -> str:
        start, depth = self.at - 1, 1
        while depth:
            kind, token = self._take()
            if kind == "mark":
                depth += (token in "([{") - (token in ")]}")
        return self.text[start : self.at]

    def _peek(self) -> str:
        match = _TOKEN.match(self.text, self.at)
        return "" if match is None else match[2] or ""

    def _take(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise self.fault("more")
        self.at = match.end()
        string, mark, atom = match.groups()
        if string is not None:
            return "string", string
        return ("mark", mark) if mark is not None else ("atom", atom)


def _characters(token: str, scanner: _Scanner) -> str:
    if token[0] in "bB":
        return token
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(ast.literal_eval(token))
    except (ValueError, SyntaxError, MemoryError) as error:
        raise scanner.fault("a string") from error
