"""The codes that cross and that desks know too: each once, with its words on a page and on paper (art. 7, art. 9)."""

from __future__ import annotations

from brug.core.words import Crossing
from brug.core.words import marked as _


class Defect(Crossing):
    """The six ways in which data can be not as they should be (art. 7)."""

    WRONG = "wrong", _("wrong"), "fout", _("wrong: it is somebody else's, or does not exist")
    INACCURATE = "inaccurate", _("inaccurate"), "onnauwkeurig", _("inaccurate: almost right, such as a spelling")
    INCOMPLETE = "incomplete", _("incomplete"), "onvolledig", _("incomplete: a part is missing")
    MISSING = "missing", _("missing"), "ontbreekt", _("missing: it is not there and is needed")
    OUTDATED = "outdated", _("outdated"), "verouderd", _("outdated: it was right once")
    EXCESS = "excess", _("in excess"), "overtollig", _("in excess: not needed, so it is erased here at once")


class Result(Crossing):
    """What came of a report on a datum (art. 7)."""

    CORRECTED = "corrected", _("corrected"), "verbeterd", _("This is the right value")
    REMOVED = "removed", _("the field is gone"), "verwijderd", _("The field must go")
    UNCHANGED = "unchanged", _("it was right"), "klopt, blijft zoals het is", _("What was given is right")


class Exercised(Crossing):
    """What was done with a client's data because of a right (GDPR 16 to 18)."""

    RECTIFIED = "rectified", _("put right"), "verbeterd: zo is het juist"
    ERASED = "erased", _("erased"), "gewist op vraag van de betrokkene"
    RESTRICTED = "restricted", _("restricted"), "verwerking beperkt op vraag van de betrokkene"
    LIFTED = "restriction_lifted", _("restriction lifted"), "beperking van de verwerking opgeheven"


class Aspect(Crossing):
    """What was lost in a breach (GDPR 4(12))."""

    CONFIDENTIALITY = "confidentiality", _("seen by who may not (confidentiality)"), "vertrouwelijkheid"
    INTEGRITY = "integrity", _("changed (integrity)"), "integriteit"
    AVAILABILITY = "availability", _("lost or out of reach (availability)"), "beschikbaarheid"


class Risk(Crossing):
    """What a breach means for the persons (GDPR 33, 34)."""

    UNLIKELY = (
        "unlikely", _("risk unlikely"), "risico voor personen onwaarschijnlijk",
        _("A risk for the persons is unlikely"),
    )  # fmt: skip
    RISK = "risk", _("risk"), "risico voor personen", _("There is a risk: the authority is told")
    HIGH = "high", _("high risk"), "hoog risico voor personen", _("There is a high risk: the persons are told too")


class NoticeKind(Crossing):
    """What one data protection officer tells the other."""

    SECURITY = "security", _("About security (article 9)"), "Mededeling over beveiliging"
    CHANGE_OF_LAW = "change_of_law", _("A change of law (article 9)"), "Wijziging van wetgeving"
    CHANGE_OF_PROCESSORS = "change_of_processors", _("A change of processors (article 9)"), "Wijziging van verwerkers"
    SIX_MONTHS = "six_months", _("Notice that ends the protocol (article 11)"), "Opzegging met zes maanden"
    LAPSED = "lapsed", _("No ground in law any more: the protocol ends (article 11)"), "Einde van rechtswege"
    AT_ONCE = "at_once", _("The protocol ends at once (article 8)"), "Onmiddellijke beëindiging"


class Touched(Crossing):
    """What of the disclosure a change of law concerns (art. 9)."""

    PURPOSE = "purpose", _("what the data are for"), "finaliteit"
    PROPORTIONALITY = "proportionality", _("which data are needed"), "proportionaliteit"
    FREQUENCY = "frequency", _("how often"), "frequentie"
    DURATION = "duration", _("how long"), "duurtijd"
    OTHER = "other", _("something else"), "andere"


class Sanction(Crossing):
    """On which ground the discloser ends a protocol at once (art. 8)."""

    AGAINST_PROTOCOL = (
        "against_protocol", _("processing against this protocol"), "verwerking in strijd met het protocol",
    )  # fmt: skip
    AGAINST_GDPR = "against_gdpr", _("processing against the GDPR"), "verwerking in strijd met de AVG"
    AGAINST_OTHER_LAW = (
        "against_other_law", _("processing against another law on data protection"),
        "verwerking in strijd met andere wetgeving",
    )  # fmt: skip


class Asked(Crossing):
    """What one party may ask the other to show (art. 6)."""

    EVIDENCE = "evidence", _("Evidence"), "het bewijs van de maatregelen"
    PROCESSORS = "processors", _("The overview of processors"), "het overzicht van de verwerkers"
