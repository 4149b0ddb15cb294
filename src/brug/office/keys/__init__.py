"""This node's own keys, wrapped by an unlock secret that lives outside the node's folder (art. 6).

How it works. Lasting keys are files: *signing* (manifests and receipts), *checkpoint* (the ledger), *parcel* (opens
what is sealed to this node), *index* (blind indexes), and for each epoch one key that wraps the vault's. Each file is
sealed under the unlock secret (AES-256-GCM, its name being the associated data, so that no file passes for another)
and is written beside, synced, then renamed. A signing or parcel key that is replaced stays for ninety days, as long
as a parcel may be on its way; the key of an epoch goes as soon as nothing is wrapped by it. Replaced keys are told to
every party in a message signed with the key before; a stolen one is revoked, which no message undoes. The recovery
key, kept by people, opens the copy of the keys that a backup makes, and nothing else.

What breaks in another order. Renaming before syncing: a power cut leaves an empty key and every record under it is
lost. Destroying an epoch before every KEK names another: the same. Telling parties of a key before it lies on the
disk and in the backup: parcels come that nobody can open. Sealing with a new key of a party before two people have
compared it: whoever sent the card reads the families.
"""
