"""The folder of certificates and keys on disk: names, modes, durability, and pairs that are exchanged whole."""
