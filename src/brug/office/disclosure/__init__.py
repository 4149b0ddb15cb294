"""The one door through which personal data leave and enter: authorise, hand over, take in (recital C, art. 1).

How it works. *Out*: `authorise` asks the protocol and returns a `Permit` or raises every reason; `prepare` seals the
message for the party that the permit names; `hand_over` writes the row of the outbox and the entry of the ledger in the
transaction of the verb. Only `decide` makes a permit and only `seal` makes a parcel, which a house test holds. *In*:
the manifest is read and its signature checked before anything is opened; a parcel that had its effect already is
answered again; then the archive is opened, the message parsed, the protocol asked once more by the receiver, and the
desk's verb called. Whatever fails first names the rejection; who proved who they are is told it, nobody else is.

What breaks in another order. Sealing inside the transaction: a key derivation of 25 ms holds SQLite's write lock and
every page waits. Asking the protocol only when the page is shown: a click after the end discloses. Opening before the
signature is checked: a stranger chooses what the parser sees. Answering strangers: the node becomes a tool that tells
which parcels exist. Deciding by the sender's instant: a sender's wrong clock would lengthen the protocol. The effect
before `Accepted`: a duplicate has it twice.
"""
