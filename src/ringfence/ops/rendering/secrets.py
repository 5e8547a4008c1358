"""``render secrets``: Kubernetes Secrets for identities, plain, sealed, or with a rule for SOPS.

Which Secret an identity's certificate goes into is what ``render calico`` names in the pods; any other identity has one
that is called after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ringfence.errors import CertificateError, FileError, InputError, Place, Problem, RingfenceError
from ringfence.model.names import UserName
from ringfence.ops.rendering.calico import Login
from ringfence.render.calico.components import SECRETS
from ringfence.render.calico.parts import SECRET, Part
from ringfence.render.manifests.etcd_secret import KEYS
from ringfence.render.manifests.secrets import (
    AGE_RECIPIENT,
    PGP_FINGERPRINT,
    PLAIN_FOLDER,
    IdentitySecret,
    is_sealed_from,
    is_secret_name,
    sealed_manifest,
    secret_manifest,
    sops_files,
    sops_manifest,
)
from ringfence.spec.shape import Calico, Segmentation, Spec
from ringfence.spec.ways import Way
from ringfence.wanted.components.drawers import drawn_users

NAMESPACE = "kube-system"
"""Where Calico's hosted manifests put everything."""

_PARTS = {
    "calico/node": Part.NODE,
    "calico/cni": Part.CNI,
    "calico/kube-controllers": Part.CONTROLLERS,
    "flannel": Part.FLANNEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Which Secret an identity's certificate goes into, and whom it concerns."""

    name: str
    identity: UserName
    component: str
    restart: str | None
    by_node: bool = False
    asked: bool = False


def identity_secrets(
    spec: Spec, names: Sequence[str], namespace: str, login: Login
) -> tuple[tuple[IdentitySecret, ...], tuple[str, ...]]:
    """The Secrets of the identities, and notices about those that have none.

    Args:
        spec: whose identities they are.
        names: the identities; none for those that the pods of Calico's manifest use.
        namespace: where the Secrets belong.
        login: where certificates and keys come from.

    Raises:
        InputError: there is no such identity, or none at all; a name is none for Kubernetes.
        CertificateError, FileError: a certificate is not at hand; every one that is missing is named.
    """
    if not is_secret_name(namespace) or "." in namespace:
        raise InputError.of(f"{namespace!r} is no name of a namespace", hint="name one with --namespace")
    places = _chosen(spec, names)
    notices = tuple(
        f"{place.component}: each node has a certificate of its own, and a DaemonSet cannot pick a Secret for each node"
        for place in places
        if place.by_node
    )
    drawn = drawn_users(spec)
    by_pods = {place.component for place in places if not place.by_node and place.identity in drawn}
    notices += tuple(f"{name}: by the spec its pods draw their certificate" for name in sorted(by_pods))
    places = [place for place in places if not place.by_node and place.identity not in drawn]
    if not places and by_pods:
        hint = "write deliver: secret into the spec, and run certs issue"
        raise InputError.of("by the spec pods draw their certificates, and none is issued for a Secret", hint=hint)
    if not places:
        hint = "bring each node its files (render calico --deliver hostpath), or let an agent draw them"
        raise InputError.of("each node has certificates of its own, which no Secret can hold", hint=hint)
    bad = [place.name for place in places if not is_secret_name(place.name)]
    if bad:
        hint = "Kubernetes takes lower-case letters, digits, - and .: rename the identity"
        raise InputError(*(Problem(f"{name} cannot be the name of a Secret", hint=hint) for name in bad))
    return _filled(places, namespace, login), (*notices, *(() if names else _unused(spec)))


def plain_secrets(secrets: Iterable[IdentitySecret], *, with_keys: bool) -> dict[str, str]:
    """Their manifests by file name; private as soon as keys are in them."""
    return {f"{one.name}.yaml": secret_manifest(one, with_keys=with_keys) for one in secrets}


def sealed_secrets(
    secrets: Iterable[IdentitySecret], certificate: Path, now: datetime, folder: Path | None
) -> dict[str, str]:
    """Their SealedSecrets by file name, for anybody's eyes.

    Args:
        secrets: what to seal.
        certificate: that of the controller.
        now: the moment at which it must be valid, with a time zone.
        folder: where earlier ones lie; one with the same content is kept as it is, since sealing gives another text
            each time.

    Raises:
        FileError: a file cannot be read.
        CertificateError: it is no certificate to seal with.
    """
    from ringfence.pki.folder.store import read_file
    from ringfence.pki.sealing import content_digest, load_seal, sealed

    seal = load_seal(read_file(certificate, private=False), now)
    files = {}
    for one in secrets:
        values = _values(one)
        public = {name: value for name, value in values.items() if name != KEYS[0]}
        digest = content_digest(seal, public, namespace=one.namespace, name=one.name)
        file = f"{one.name}.yaml"
        earlier = None if folder is None else _earlier(folder / file)
        if earlier is not None and is_sealed_from(earlier, digest):
            files[file] = earlier
        else:
            encrypted = sealed(seal, values, namespace=one.namespace, name=one.name)
            files[file] = sealed_manifest(one, encrypted, digest=digest)
    return files


def sops_secrets(
    secrets: Iterable[IdentitySecret], age: Sequence[str], pgp: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is for anybody (the rule, and what git ignores), and the Secrets to encrypt, which are for nobody else.

    Raises:
        InputError: a recipient is no public key of age, or no fingerprint of PGP.
    """
    problems = [
        Problem(f"{one} is no public key of age", hint="it begins with age1: `age-keygen -y KEYFILE` prints it")
        for one in age
        if not AGE_RECIPIENT.fullmatch(one)
    ]
    problems += [
        Problem(f"{one} is no fingerprint of PGP", hint="40 hex digits: `gpg --fingerprint --with-colons NAME`")
        for one in pgp
        if not PGP_FINGERPRINT.fullmatch(one)
    ]
    if problems:
        raise InputError(*problems)
    return (
        sops_files(age=age, pgp=pgp),
        {f"{PLAIN_FOLDER}/{one.name}.yaml": sops_manifest(one) for one in secrets},
    )


def _unused(spec: Spec) -> Iterable[str]:
    for component in spec.components:
        if isinstance(component, Calico) and component.deliver and component.deliver.way is not Way.SECRET:
            place, way = component.deliver.place, component.deliver.way.value
            yield f"{place}: certificates come by {way}, so the manifest of render calico uses no such Secret"


def _chosen(spec: Spec, names: Sequence[str]) -> list[_Place]:
    places = list(_places(spec))
    if not names:
        ours = [place for place in places if place.asked]
        if not ours:
            hint = "add a component with use: calico, or name identities with --identity"
            raise InputError.of("the spec has no calico, whose pods would use Secrets", hint=hint)
        return ours
    known = {place.identity: place for place in places}
    missing = [name for name in dict.fromkeys(names) if name not in known]
    if missing:
        hint = f"the spec has {', '.join(known) or 'none'}"
        raise InputError(*(Problem(f"the spec has no identity {name}", hint=hint) for name in missing))
    return [known[UserName(name)] for name in dict.fromkeys(names)]


def _places(spec: Spec) -> Iterable[_Place]:
    for component in spec.components:
        if isinstance(component, Calico):
            yield from _of_calico(component)
        else:
            identity = component.identity
            yield _Place(name=f"{identity}-etcd-secrets", identity=identity, component=identity, restart=None)


def _of_calico(component: Calico) -> Iterable[_Place]:
    daemons = f"daemonset/{'canal-node' if component.network == 'canal' else 'calico-node'}"
    controllers = "deployment/calico-kube-controllers"
    for part in component.parts:
        where = _PARTS.get(part.component)
        if where is not None:
            yield _Place(
                name=SECRETS[where],
                identity=part.identity,
                component=part.component.replace("/", "-"),
                restart=controllers if where is Part.CONTROLLERS else daemons,
                by_node=part.by_node,
                asked=True,
            )
        elif component.segmentation is Segmentation.SINGLE and part is component.parts[0]:
            yield _Place(
                name=SECRET,
                identity=part.identity,
                component="calico",
                restart=f"{daemons} {controllers}",
                asked=True,
            )
        else:
            name = f"{part.identity}-etcd-secrets"
            yield _Place(name=name, identity=part.identity, component=part.identity, restart=None, by_node=part.by_node)


def _filled(places: Iterable[_Place], namespace: str, login: Login) -> tuple[IdentitySecret, ...]:
    found: list[IdentitySecret] = []
    failed: list[RingfenceError] = []
    for place in places:
        try:
            credentials = login(place.identity)
        except (CertificateError, FileError) as error:
            failed.append(error)
            continue
        found.append(
            IdentitySecret(
                name=place.name,
                namespace=namespace,
                identity=place.identity,
                component=place.component,
                restart=place.restart,
                credentials=credentials,
            )
        )
    if failed:
        problems = dict.fromkeys(problem for error in failed for problem in error.problems)
        raise type(failed[0])(*problems)
    return tuple(found)


def _values(secret: IdentitySecret) -> dict[str, bytes]:
    own = secret.credentials
    assert own.certificate is not None
    assert own.key is not None
    return dict(zip(KEYS, (own.key, own.certificate, own.ca), strict=True))


def _earlier(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise FileError.of("something else is in the way", place=Place(str(path)), hint="move it away") from None
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=Place(str(path))) from None
