"""Which questions to ask etcd, and what must come back, to show that a fence holds. Pure; asking is for others."""
