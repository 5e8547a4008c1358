"""From the observed state to the wanted one: which changes, in which order, as a plan that can be reviewed.

Pure: no clock, no I/O, and nothing here talks to etcd. ``change`` says what a change is, ``diff`` finds them in the
order in which they are safe, ``plan`` pins them to what they were made for, ``etcdctl`` shows them to an operator.
"""
