"""The kinds of parcel in words, for who makes a call about one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KINDS = [
    ("referral", _("A referral")),
    ("receipt", _("A receipt")),
    ("retraction", _("A withdrawal of consent")),
    ("quality_report", _("A report on data that are not right")),
    ("quality_answer", _("An answer about data that were not right")),
    ("rights_notice", _("A notice of the client’s rights")),
    ("breach_notice", _("A notice of a breach")),
    ("breach_remark", _("A message in the consultation on a breach")),
    ("processor_overview", _("The overview of processors")),
    ("inquiry", _("A request")),
    ("evidence", _("Evidence")),
    ("notice", _("A notice")),
    ("acknowledgement", _("An acknowledgement")),
    ("onward", _("A referral to a partner")),
]
