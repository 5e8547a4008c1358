"""The process that can switch auth off again when ringfence is dead.

``ringfence.ops.switch.guarding`` starts it and says what is said between the two. It never acts on what it finds in the
cluster, least of all on a hole of the server: only on silence, on the end of the pipe, and on a time that is over.
"""
