"""An Ansible project from values: ``data/`` holds what is the same for every spec, the modules write the rest.

Pure but for the files of the package. No key is ever part of it: playbooks read keys when they run.
"""
