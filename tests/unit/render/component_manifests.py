"""Small manifests of our own writing in which the containers mount the Secret, as Calico's hosted ones do."""

from __future__ import annotations

from . import manifests
from .manifests import SECRET, manifest

CONFIG = manifests.CONFIG.replace(
    '{"etcd_endpoints": "__ETCD_ENDPOINTS__"}',
    '{"etcd_endpoints": "__ETCD_ENDPOINTS__", "etcd_key_file": "__ETCD_KEY_FILE__",\n'
    '     "etcd_cert_file": "__ETCD_CERT_FILE__", "etcd_ca_cert_file": "__ETCD_CA_CERT_FILE__"}',
)

_MOUNTS = """\
          volumeMounts:
            - mountPath: /calico-secrets
              name: etcd-certs
"""


def _variables(prefix: str, names: tuple[str, ...], config_map: str = "calico-config") -> str:
    keys = ("etcd_endpoints", "etcd_ca", "etcd_cert", "etcd_key")
    return "".join(
        f"            - name: {prefix}{name}\n"
        f"              valueFrom: {{configMapKeyRef: {{name: {config_map}, key: {key}}}}}\n"
        for name, key in zip(names, keys, strict=False)
    )


_ETCD = _variables("ETCD_", ("ENDPOINTS", "CA_CERT_FILE", "CERT_FILE", "KEY_FILE"))
_VOLUMES = """\
      volumes:
        - name: lib-modules # not a Secret
          hostPath: {path: /lib/modules}
        - name: etcd-certs
          secret:
            secretName: calico-etcd-secrets
            defaultMode: 0400
        # The end.
        - name: policysync
          hostPath: {path: /var/run/nodeagent}
"""


def _container(name: str, image: str, variables: str) -> str:
    return f"        - name: {name}\n          image: {image}\n          env:\n{variables}{_MOUNTS}"


_INSTALL_CNI = _container("install-cni", "docker.io/calico/cni:v3.32.1", _variables("ETCD_", ("ENDPOINTS",)))
_NODE = _container("calico-node", "docker.io/calico/node:v3.32.1", _ETCD)
_HEAD = "kind: DaemonSet\napiVersion: apps/v1\nmetadata:\n  name: {}\nspec:\n  template:\n    spec:\n"

NODE = f"{_HEAD.format('calico-node')}      initContainers:\n{_INSTALL_CNI}      containers:\n{_NODE}{_VOLUMES}"

OLD_NODE = (f"{_HEAD.format('calico-node')}      containers:\n{_NODE}{_INSTALL_CNI}{_VOLUMES}").replace(
    "v3.32.1", "v3.1.7"
)
"""As in v3.0 to v3.5: install-cni is no init container."""

CONTROLLERS = (
    _HEAD.format("calico-kube-controllers").replace("DaemonSet", "Deployment")
    + "      containers:\n"
    + _container("calico-kube-controllers", "docker.io/calico/kube-controllers:v3.32.1", _ETCD)
    + _VOLUMES.replace("0400", "0440")
)

HOSTED = manifest(SECRET, CONFIG, NODE, CONTROLLERS)
"""A whole hosted installation."""

OLD = manifest(CONFIG, SECRET, OLD_NODE, CONTROLLERS.replace("v3.32.1", "v3.1.5").replace("0440", "0400"))
"""The same of an old release."""

_FLANNEL = _container(
    "flannel",
    "docker.io/flannel/flannel:v0.24.4",
    _variables("FLANNELD_ETCD_", ("ENDPOINTS", "CAFILE", "CERTFILE", "KEYFILE")),
)

JOB = f"""\
apiVersion: batch/v1
kind: Job
metadata:
  name: configure-canal
spec:
  template:
    spec:
      containers:
        # Writes the network.
        - name: configure-flannel
          image: quay.io/coreos/etcd:v3.5.1
          command:
            - "etcdctl"
            # Uncomment these for TLS.
            # - "--cert-file=/calico-secrets/etcd-cert"
            # - "--key-file=/calico-secrets/etcd-key"
            # - "--ca-file=/calico-secrets/etcd-ca"
            - "--no-sync"
            - "set"
            - "/coreos.com/network/config"
            - '{{ "Network": "10.244.0.0/16" }}' # the network
          env:
            # Where etcd is.
            - name: ETCDCTL_PEERS
              valueFrom: {{configMapKeyRef: {{name: canal-config, key: etcd_endpoints}}}}
            - name: ETCDCTL_CACERT
              valueFrom: {{configMapKeyRef: {{name: canal-config, key: etcd_ca}}}}
{_MOUNTS}      volumes:
        - name: etcd-certs
          secret:
            secretName: calico-etcd-secrets
"""

_CANAL_NODE = f"{_HEAD.format('canal-node')}      initContainers:\n{_INSTALL_CNI}      containers:\n{_NODE}{_FLANNEL}"
CANAL = manifest(SECRET, CONFIG, _CANAL_NODE + _VOLUMES, CONTROLLERS, JOB).replace("calico-config", "canal-config")
"""Canal: flannel makes the network, and a Job writes what it is."""

CALICOCTL = """\
# Two words before.
apiVersion: v1
kind: Pod
metadata:
  name: calicoctl
  namespace: kube-system
spec:
  containers:
    - name: calicoctl
      image: quay.io/calico/ctl:v3.32.1
      env:
        - name: ETCD_ENDPOINTS
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: etcd_endpoints
      # If you use TLS:
      # - name: ETCD_CA_CERT_FILE
      #   valueFrom:
      #     configMapKeyRef:
      #       name: calico-config
      #       key: etcd_ca
      # The key.
      # - name: ETCD_KEY_FILE
      #   valueFrom:
      #     configMapKeyRef:
      #       name: calico-config
      #       key: etcd_key
      # - name: ETCD_CERT_FILE
      #   valueFrom:
      #     configMapKeyRef:
      #       name: calico-config
      #       key: etcd_cert
      # volumeMounts:
      # - mountPath: /calico-secrets
      #   name: etcd-certs
  volumes:
    # For TLS.
    # - name: etcd-certs
    #   secret:
    #     secretName: calico-etcd-secrets
"""

APISERVER = """\
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    - --etcd-servers=https://127.0.0.1:2379 # here
    - --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt
    - --allow-privileged=true
    image: registry.k8s.io/kube-apiserver:v1.34.1
    name: kube-apiserver
    volumeMounts:
    - mountPath: /etc/kubernetes/pki
      name: k8s-certs
      readOnly: true
  volumes:
  - hostPath:
      path: /etc/kubernetes/pki
      type: DirectoryOrCreate
    name: k8s-certs
"""
