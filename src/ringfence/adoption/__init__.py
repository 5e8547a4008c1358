"""From the state of a live cluster to a spec that asks for just that.

Pure: ``recognition`` finds the components that the catalog knows by what their roles reach, ``division`` says whose
keys are whose, ``adopt`` puts it together and ``writing`` writes it. Whether the text is right is for the reader of
specs to say, who is asked before anybody sees it (``ringfence.ops.import_``).
"""
