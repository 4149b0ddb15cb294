"""What the door must know of a kind of message beside its fields: one row, which stands at its class (art. 6).

One more kind is a class with its row in `message/`, an act in `office/ledger/acts.py`, and a desk's verb in its plug.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sender = Literal["discloser", "recipient", "either"]
FOR_OFFICER = "Voor de functionaris voor gegevensbescherming. Dit bericht noemt geen cliënt."
ERASE = "Vertrouwelijk. Verwijder dit bestand na verwerking."


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    `ground`: the article on which it is owed and so may always be sent; "" where the protocol decides on each one.
    `act`: what stands in the ledger when it is handed over. `words`: what who makes a call about it reads.
    `title`, `notice`: what stands above its paper and in the box under it, in Dutch; what two mail rooms say to each
    other by themselves has neither. `corrects`: whether the discloser may bring a field of the client with it.
    `caller`: the verb of who calls its recipient where that has no node: whoever may do what the message does; "" the
    data protection officer.
    """

    act: str
    words: str
    ground: str = ""
    sender: Sender = "either"
    title: str = ""
    notice: str = ""
    corrects: bool = False
    caller: str = ""

    @property
    def for_eyes(self) -> bool:
        """Whether a PDF goes along."""
        return bool(self.title)
