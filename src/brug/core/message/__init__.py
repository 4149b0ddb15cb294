"""Every kind of message that may cross between parties, and nothing else may (art. 3, art. 7, art. 9).

This folder is the whole answer to "what can leak?". Of a client there is no free text, no reason, no language, no
answer; and no message would tell the discloser what the client chose. A `Remark` stands only in what two data
protection officers say to each other, who see no clients.

A kind is its class, with what its paper says; its row stands in it (core/kind.py).
"""

from __future__ import annotations

from brug.core.client import Address as Address
from brug.core.client import Client as Client
from brug.core.client import Correction as Correction
from brug.core.client import Data as Data
from brug.core.message.agreeing import *  # noqa: F403
from brug.core.message.breaches import *  # noqa: F403
from brug.core.message.disclosure import *  # noqa: F403
from brug.core.message.kinds import KINDS as KINDS
from brug.core.message.kinds import Message as Message
from brug.core.message.kinds import dump as dump
from brug.core.message.kinds import parse as parse
from brug.core.message.oversight import *  # noqa: F403
from brug.core.message.quality import *  # noqa: F403
from brug.core.message.upkeep import *  # noqa: F403
from brug.core.protocol.terms import build as build
