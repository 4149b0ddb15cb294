"""Personal data at rest, each person under a key of their own; erasing destroys the key (art. 3).

How it works. A record is one envelope: JSON sealed with a data-encryption key of its own (AES-256-GCM). That key is
wrapped by a key-encryption key which all records share that leave on the same legal day (KEK), that one by the
key of the epoch, a file in `office/keys`, and that one by the unlock secret outside the node's folder. What one is
found by are blind indexes: HMACs cut to fifteen bits, so that a row fits many people and candidates must be opened to
be sure. *Erasing one record* deletes its wrapped key, envelope and index rows, and marks the KEK; *erasing a day*
deletes the KEK first, so that no envelope under it opens from that commit on, and the rows after it, in batches,
each with a certificate. A rotation then wraps what is left under new keys and destroys the epoch: what a copy of the
disk still holds opens with no key that exists.

What breaks in another order. Deleting rows before keys: a crash leaves readable envelopes that nothing points to.
Rotating before the write-ahead log is emptied: an erased key lives on in the log. Two rotations at once: each takes the
KEKs from the other for ever, so one lock keeps them apart. Erasing by a clock that jumped: everything is due at
once; `clock.py` compares with what another party signed and stops. The desk's row goes in the same transaction as the
record, or it names what is not there.
"""
