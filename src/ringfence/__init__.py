"""ringfence: a shared etcd in which every client can touch only its own keys."""

__version__ = "0.1.0"
