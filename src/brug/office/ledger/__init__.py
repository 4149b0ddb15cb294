"""Every act, without personal data, in a Merkle tree that the other party witnesses (art. 6).

How it works. `record` writes an entry in the transaction of the act itself, without a place in the tree, so that two
acts never wait for each other. The worker gives the waiting entries their places, one batch a transaction under one
lock, grows the tree (RFC 6962) and signs its root as a checkpoint (C2SP); the database refuses to change any of it.
A parcel takes the newest checkpoint along, with a proof that it continues what that party saw last; the other side
checks, keeps and cosigns it, and its receipt brings the cosignature back. The journal, outside the node's folder, gets
every signed entry before anything is sent that names it.

What breaks in another order. Recording after the commit: an act without an entry, or an entry of what never happened.
Places given by `id`: a transaction that commits late would be before what was signed already; so who is committed later
stands later. Sending before the journal was told: a node restored from its backup would sign a smaller tree under the
same name, and the other party would rightly call that a fork; therefore a restored ledger signs nothing until it has
been rolled forward. Cosigning before keeping what was cosigned: nothing would convict who signs two histories.
"""
