"""Small manifests of our own writing, with the structure of Calico's hosted ones."""

from __future__ import annotations

SECRET = """\
# Certificates for etcd.
apiVersion: v1
kind: Secret
type: Opaque
metadata:
  name: calico-etcd-secrets
  namespace: kube-system
data:
  # Fill these in, é.
  # etcd-key: null
  # etcd-cert: null
  # etcd-ca: null
"""

CONFIG = """\
kind: ConfigMap
apiVersion: v1
metadata:
  name: calico-config
data:
  # Where etcd is.
  etcd_endpoints: "http://<ETCD_IP>:<ETCD_PORT>"
  etcd_ca: ""   # "/calico-secrets/etcd-ca"
  etcd_cert: "" # "/calico-secrets/etcd-cert"
  etcd_key: ""  # "/calico-secrets/etcd-key"
  # A block of text that looks like something else.
  cni_network_config: |-
    {"etcd_endpoints": "__ETCD_ENDPOINTS__"}
    # etcd_ca: null
"""

_WIRING = """\
            - name: ETCD_ENDPOINTS
              valueFrom: {configMapKeyRef: {name: calico-config, key: etcd_endpoints}}
            - name: ETCD_CA_CERT_FILE
              valueFrom: {configMapKeyRef: {name: calico-config, key: etcd_ca}}
            - name: ETCD_KEY_FILE
              valueFrom: {configMapKeyRef: {name: calico-config, key: etcd_key}}
            - name: ETCD_CERT_FILE
              valueFrom: {configMapKeyRef: {name: calico-config, key: etcd_cert}}
"""

_VOLUMES = """\
      volumes:
        - name: etcd-certs
          secret:
            secretName: calico-etcd-secrets
"""

NODE = f"""\
kind: DaemonSet
apiVersion: apps/v1
metadata:
  name: calico-node
spec:
  template:
    spec:
      initContainers:
        - name: install-cni
          image: docker.io/calico/cni:v3.32.1
      containers:
        - name: calico-node
          image: docker.io/calico/node:v3.32.1
          env:
{_WIRING}\
{_VOLUMES}"""

CONTROLLERS = f"""\
kind: Deployment
apiVersion: apps/v1
metadata:
  name: calico-kube-controllers
spec:
  template:
    spec:
      containers:
        - name: calico-kube-controllers
          image: docker.io/calico/kube-controllers:v3.32.1
          env:
{_WIRING}\
            - name: ENABLED_CONTROLLERS
              value: policy,node # and no more
          # How often it is asked whether it is well.
          readinessProbe:
            periodSeconds: 10
{_VOLUMES}"""

OPERATOR = """\
apiVersion: operator.tigera.io/v1
kind: Installation
metadata:
  name: default
spec: {}
"""


def manifest(*documents: str) -> str:
    """Documents one after the other, as in a manifest."""
    return "".join(f"---\n{document}" for document in documents)


HOSTED = manifest(SECRET, CONFIG, NODE, CONTROLLERS)
"""A whole hosted installation."""
