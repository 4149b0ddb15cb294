"""What each verb of the policy is in words: for the page of a member, and for docs/need-to-know.md (art. 4)."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brug.office.parties.states import Verb

V = Verb
VERBS: dict[Verb, str | Promise] = {
    V.SEE_REFERRALS: _("see the referrals of the team, without persons"),
    V.REFER: _("inform, record consent, refer, withdraw"),
    V.SEE_INTAKES: _("see what came in, without persons"),
    V.ASSIGN: _("give a case to a colleague"),
    V.SEE_OWN_CASES: _("see one's own cases"),
    V.OPEN_CASE: _("open the person of a case"),
    V.WORK_CASE: _("work on a case: contact, clarify, outcome, file"),
    V.DECIDE_NOT_REACHED: _("decide that a family could not be reached"),
    V.SEE_RETENTION: _("see the erasure schedule"),
    V.HOLD: _("keep something longer for a legal reason, and lift that"),
    V.SEE_QUARANTINE: _("look after post that could not be taken in"),
    V.SEE_LEDGER: _("see the log book, without persons"),
    V.SEE_PROTOCOLS: _("read the protocols"),
    V.ATTACH_SIGNED: _("attach the signed protocol"),
    V.RECORD_EVENT: _("record what happens to a protocol"),
    V.SEE_OVERDUE: _("see what waits too long"),
    V.EDIT_AIDS: _("keep the list of aids"),
    V.EDIT_PARTNERS: _("keep the list of partners"),
    V.ASK_WHO: _("ask which colleague knows a person who calls; each question is recorded"),
    V.SEE_OPENINGS: _("see which families were opened in need, by whom and why"),
    V.BREAK_GLASS: _("use emergency access to a colleague’s family, with a reason; the DPO is told at once"),
    V.REFER_ONWARD: _("pass on to a partner whom the client wants"),
    V.REPORT_QUALITY: _("report that a piece of data is not right"),
    V.ANSWER_QUALITY: _("answer a report on a piece of data"),
    V.SEE_QUALITY: _("see the reports on data, without persons"),
    V.REPORT_BREACH: _("report a suspicion of a breach"),
    V.RUN_BREACH: _("handle a breach"),
    V.TELL_PERSON: _("tell a person of a breach"),
    V.SEE_REGISTER: _("see the register and the processors"),
    V.RUN_OVERSIGHT: _("keep register, processors, evidence and notices"),
    V.RUN_REQUEST: _("handle a request of a data subject"),
    V.SEE_REQUESTS: _("see the requests of data subjects that one has a part in"),
    V.GATHER_REQUEST: _("gather the material for a request"),
    V.SEE_FIGURES: _("see the figures"),
    V.SEE_MEMBERS: _("see who works here and with which rights"),
    V.MANAGE_MEMBERS: _("invite, change and close accounts"),
    V.ATTEST_SECRECY: _("attest that a colleague is bound by professional secrecy"),
    V.MEET_PARTY: _("add and compare the keys of another party"),
    V.AGREE_PARTY: _("compare keys, mailboxes and numbers of another party too, before they count"),
    V.TAKE_IN_BY_HAND: _("take in a parcel that was made by hand"),
    V.MANAGE_TOKENS: _("connect other software"),
    V.AGREE_TOKENS: _("agree to the connection of other software"),
    V.AGREE_OFFICER: _("agree to what the officer does not do alone: lift a hold, end a protocol at once"),
    V.AGREE_RESTORE: _("agree that a node that was restored goes on"),
}
