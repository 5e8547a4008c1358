"""Small manifests of our own writing with the structure of those of Calico 2.5 and 2.6, whose data are in etcd v2."""

from __future__ import annotations

from .manifests import SECRET, manifest

_CONFIG = """\
kind: ConfigMap
apiVersion: v1
metadata:
  name: calico-config
  namespace: kube-system
data:
  # Where etcd is.
  etcd_endpoints: "http://127.0.0.1:2379"
  calico_backend: "bird"
  cni_network_config: |-
    {
        "name": "k8s-pod-network",
        "type": "calico",
        "etcd_endpoints": "__ETCD_ENDPOINTS__",
        "etcd_key_file": "__ETCD_KEY_FILE__",
        "etcd_cert_file": "__ETCD_CERT_FILE__",
        "etcd_ca_cert_file": "__ETCD_CA_CERT_FILE__",
        "ipam": {"type": "calico-ipam"}
    }
  # For TLS:
  etcd_ca: ""   # "/calico-secrets/etcd-ca"
  etcd_cert: "" # "/calico-secrets/etcd-cert"
  etcd_key: ""  # "/calico-secrets/etcd-key"
"""

_VARIABLES = "".join(
    f"            - name: {name}\n              valueFrom: {{configMapKeyRef: {{name: calico-config, key: {key}}}}}\n"
    for name, key in {
        "ETCD_ENDPOINTS": "etcd_endpoints",
        "ETCD_CA_CERT_FILE": "etcd_ca",
        "ETCD_KEY_FILE": "etcd_key",
        "ETCD_CERT_FILE": "etcd_cert",
    }.items()
)
_FIRST = "".join(_VARIABLES.splitlines(keepends=True)[:2])
_MOUNT = """\
          volumeMounts:
            - {mountPath: /calico-secrets, name: etcd-certs}
"""
_VOLUME = """\
      volumes:
        - name: etcd-certs
          secret:
            secretName: calico-etcd-secrets
"""

_NODE = f"""\
kind: DaemonSet
apiVersion: extensions/v1beta1
metadata:
  name: calico-node
  namespace: kube-system
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - name: calico-node
          image: quay.io/calico/node:v2.6.12
          env:
{_VARIABLES}\
{_MOUNT}\
        # Beside it, not before it.
        - name: install-cni
          image: quay.io/calico/cni:v1.11.8
          command: ["/install-cni.sh"]
          env:
{_FIRST}\
            - name: CNI_NETWORK_CONFIG
              valueFrom: {{configMapKeyRef: {{name: calico-config, key: cni_network_config}}}}
{_MOUNT}\
{_VOLUME}"""


def _deployment(name: str, image: str, *, replicas: int = 1, more: str = _VARIABLES + _MOUNT + _VOLUME) -> str:
    return f"""\
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: {name}
  namespace: kube-system
spec:
  replicas: {replicas}
  strategy: {{type: Recreate}}
  template:
    spec:
      containers:
        - name: {name}
          image: quay.io/calico/{image}
          env:
{more}"""


CONTROLLERS = _deployment("calico-kube-controllers", "kube-controllers:v1.0.5")
RETIRED = _deployment("calico-policy-controller", "kube-controllers:v1.0.5", replicas=0, more=_FIRST)
"""The policy controller of releases before, which v2.6 leaves without pods, and without certificates."""

CALICO_2_6 = manifest(_CONFIG, SECRET, _NODE, CONTROLLERS, RETIRED)
CALICO_2_5 = manifest(
    _CONFIG,
    SECRET,
    _NODE.replace("node:v2.6.12", "node:v2.5.1").replace("cni:v1.11.8", "cni:v1.10.0"),
    _deployment("calico-policy-controller", "kube-policy-controller:v0.7.0"),
)

CALICOCTL = """\
apiVersion: v1
kind: Pod
metadata:
  name: calicoctl
  namespace: kube-system
spec:
  hostNetwork: true
  containers:
  - name: calicoctl
    image: quay.io/calico/ctl:v1.6.5
    command: ["/bin/sh", "-c", "while true; do sleep 3600; done"]
    env:
    - name: ETCD_ENDPOINTS
      valueFrom:
        configMapKeyRef:
          name: calico-config
          key: etcd_endpoints
"""
"""Without anything for TLS, not even in comments."""
