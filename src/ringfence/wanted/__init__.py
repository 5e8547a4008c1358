"""What follows from a spec and the catalog: users, roles and permissions with their origins, segments, certificates.

Pure, and all of it before anything is asked of a cluster: what is there is observed elsewhere, and compared there.
"""
