"""Calico's hosted manifests, and how certificates come to their pods."""
