"""Whether the authority of the spec can sign what the spec asks for, as far as that is known without asking it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringfence.errors import Problem
from ringfence.pki.openbao.names import unpinnable
from ringfence.spec.shape import Source, Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import with_drawn


def signable_problems(spec: Spec, wanted: Wanted) -> Iterator[Problem]:
    """The identities and hosts for which OpenBao can have no role that allows just them, each where it is written."""
    if spec.pki.authority is not Source.OPENBAO:
        return
    places = {str(identity.user): identity.place for identity in wanted.identities}
    if wanted.v2 is not None:
        places |= {str(identity.user): identity.place for identity in wanted.v2.identities}
    for request, problem in unpinnable(with_drawn(spec, wanted)):
        yield replace(problem, place=places.get(request.common_name or "", spec.cluster.place))
