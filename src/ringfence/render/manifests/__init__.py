"""Kubernetes manifests and Secrets: read, changed in place, compared, and written."""
