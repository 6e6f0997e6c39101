"""Keys of what luck belongs to: from codes and names, never from places in a list.

Whoever is added to a list or taken from it leaves the keys, and so the luck, of all others alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from string import ascii_uppercase

import numpy as np

from partnersim.arrays import Integers

#: Codes of three letters have keys below: multiples of it are added where a key needs a number too.
CODES = len(ascii_uppercase) ** 3
#: Names have keys from here to 2**63 - 1; codes, and what has no name, have smaller ones.
FIRST_NAME_KEY = 2**62
#: The option of doing nothing.
HOLDING_KEY = FIRST_NAME_KEY - 1
#: What strikes the world or the EU as a whole.
EVERYBODY_KEY = 0


def code_key(code: str) -> int:
    """Return the key of a country: its code of capital letters as a number of base 26.

    Parameters
    ----------
    code : str
        Such as ``"KEN"``, which is (10 * 26 + 4) * 26 + 13.
    """
    key = 0
    for letter in code:
        key = key * len(ascii_uppercase) + ascii_uppercase.index(letter)
    return key


def code_keys(codes: Sequence[str]) -> Integers:
    """Return the `code_key` of each country."""
    return np.array([code_key(code) for code in codes], np.int64)


def name_key(name: str) -> int:
    """Return the key of an instrument, a region or a shock type.

    The first eight bytes of the SHA-256 of its name (UTF-8, big-endian), modulo 2**62, plus 2**62.
    """
    digest = sha256(name.encode()).digest()
    return FIRST_NAME_KEY + int.from_bytes(digest[:8]) % FIRST_NAME_KEY


def name_keys(names: Sequence[str]) -> Integers:
    """Return the `name_key` of each name.

    Raises
    ------
    ValueError
        If two names share a key, which would tie their luck together.
    """
    keys = [name_key(name) for name in names]
    if len(set(keys)) < len(keys):
        raise ValueError("two of these names share a key: " + ", ".join(names))
    return np.array(keys, np.int64)
