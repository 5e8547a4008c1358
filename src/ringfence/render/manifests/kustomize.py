"""What is done to a hosted manifest, as an overlay for kustomize instead of a patched copy.

The overlay is made from the manifest before and after, so it does just what the patch in place does, whatever that is.
Its patches test what they change: with another release's manifest kustomize refuses them, and they are rendered again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence.errors import ManifestError, Place, Problem
from ringfence.render.manifests.json_patch import json_patch
from ringfence.render.manifests.manifest import Resource, resources
from ringfence.render.manifests.plain import plain
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import Plain, dump

KUSTOMIZATION = "kustomization.yaml"
SECRETS = "secrets.yaml"
ADDED = "resources.yaml"
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Overlay:
    """The files of an overlay, by their path in its folder.

    Args:
        public: those without secrets.
        private: those with private keys, for the owner alone.
        left_out: Secrets that the overlay does not bring, since they would have to hold keys.
    """

    public: Mapping[str, str]
    private: Mapping[str, str] = field(repr=False)
    left_out: tuple[str, ...]


def overlay(
    before: str, after: str, file: str, base: str, *, with_keys: bool, beside: Mapping[str, str] | None = None
) -> Overlay:
    """The overlay that makes ``after`` out of ``before``.

    Args:
        before: the manifest as it was released.
        after: the same, patched.
        file: its name, for the places of problems.
        base: how the kustomization names it: a file in or below its folder, another kustomization, or a URL.
        with_keys: whether Secrets are part of it; else those that differ are left out, the released ones too, so that
            applying it does not empty a Secret that came another way.
        beside: more files with resources, without secrets, by their names.

    Raises:
        ManifestError: two resources cannot be told apart, so no patch could name one; or the manifest holds a private
            key although none should be in the overlay, whose base it is.
    """
    if not with_keys:
        _refuse_keys(before.removeprefix(_BYTE_ORDER_MARK), file)
    old = _by_identity(before.removeprefix(_BYTE_ORDER_MARK), file)
    new = _by_identity(after.removeprefix(_BYTE_ORDER_MARK), file)
    public: dict[str, str] = {}
    private: dict[str, str] = {}
    patches: list[Plain] = []
    left_out: list[str] = []
    for key, resource in old.items():
        is_secret = resource.kind == "Secret"
        operations = json_patch(plain(resource.body), plain(new[key].body)) if key in new else ()
        if key in new and not operations:
            continue
        path = f"patches/{_file_name(resource)}.yaml"
        if path in public or path in private:
            path = f"patches/{_file_name(resource)}-{len(patches)}.yaml"
        if key not in new or (is_secret and not with_keys):
            left_out += [resource.name] if is_secret else []
            public[path] = dump({**_named(resource), "$patch": "delete"})
        else:
            (private if is_secret else public)[path] = dump(list(operations))
        patches.append({"path": path, "target": _target(resource)})
    added = [resource for key, resource in new.items() if key not in old]
    secret, open_ = ([one for one in added if (one.kind == "Secret") is wanted] for wanted in (True, False))
    ours: list[Plain] = [base]
    if secret and with_keys:
        private[SECRETS] = _documents(secret)
        ours.append(SECRETS)
    elif secret:
        left_out += [one.name for one in secret]
    if open_:
        public[ADDED] = _documents(open_)
        ours.append(ADDED)
    public |= beside or {}
    ours += beside or {}
    kustomization: dict[str, Plain] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ours,
        **({"patches": patches} if patches else {}),
    }
    public[KUSTOMIZATION] = head(_usage(base, left_out)) + dump(kustomization)
    return Overlay(public, private, tuple(left_out))


def _usage(base: str, left_out: list[str]) -> Usage:
    notes = [
        "each patch tests what it changes; where kustomize says that a test failed, the base is another: render again."
    ]
    if left_out:
        notes.append(
            f"not in it: Secret {', '.join(left_out)}. Bring them before you apply this (`ringfence render secrets`): "
            "pods wait until they are there."
        )
    return Usage(
        title="Overlay that makes Calico's hosted manifest use etcd with identities of its own",
        apply=("`kubectl diff -k .`, then `kubectl apply -k .` in this folder",),
        undo=(
            (
                f"`kubectl apply -f {base}` with the manifest as you had it before; what is not in that one, "
                "`kubectl delete` by name"
            ),
        ),
        notes=notes,
    )


def _by_identity(text: str, file: str) -> dict[tuple[str, ...], Resource]:
    found: dict[tuple[str, ...], Resource] = {}
    problems = []
    for resource in resources(text, file):
        key = (resource.group, resource.kind, resource.namespace or "", resource.name)
        if key in found:
            what = f"found a second {resource}, the first is in line {found[key].place.line}"
            problems.append(Problem(what, Place(file, resource.place.line), "kustomize takes only one: leave only one"))
        found.setdefault(key, resource)
    if problems:
        raise ManifestError(*problems)
    return found


def _refuse_keys(text: str, file: str) -> None:
    hint = "take it out of the manifest, or render the overlay with --with-keys"
    problems = [
        Problem("a private key stands here", Place(file, secret.place.line), hint)
        for secret in resources(text, file)
        if secret.kind == "Secret" and secret.body.text("data", "etcd-key")
    ]
    if problems:
        raise ManifestError(*problems)


def _target(resource: Resource) -> dict[str, Plain]:
    group, _, version = (resource.body.text("apiVersion") or "").rpartition("/")
    names = {"group": group, "version": version, "kind": resource.kind, "name": resource.name}
    return {**{key: value for key, value in names.items() if value}, **_namespace(resource)}


def _named(resource: Resource) -> dict[str, Plain]:
    metadata: dict[str, Plain] = {"name": resource.name, **_namespace(resource)}
    return {"apiVersion": resource.body.text("apiVersion") or "", "kind": resource.kind, "metadata": metadata}


def _namespace(resource: Resource) -> dict[str, Plain]:
    return {} if resource.namespace is None else {"namespace": resource.namespace}


def _file_name(resource: Resource) -> str:
    parts = (resource.kind.lower(), resource.namespace or "", resource.name.replace(":", "-").replace("/", "-"))
    return "-".join(part for part in parts if part)


def _documents(found: list[Resource]) -> str:
    return "---\n".join(dump(plain(one.body)) for one in found)
