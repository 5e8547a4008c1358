"""The parts of the Ansible project that are made from values."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest
import yaml

from ringfence.errors import InputError
from ringfence.model.names import UserName
from ringfence.render.ansible.foreign import inventory_problems
from ringfence.render.ansible.inventory import GROUPS, Host, inventory_yaml
from ringfence.render.ansible.jinja import FOLDER, HOST, IDENTITY, template
from ringfence.render.ansible.pairs import named_pair
from ringfence.render.ansible.static import static_files
from ringfence.render.ansible.variables import common, group_vars
from ringfence.render.cni import cni_conflist

_EXPECTED = {"etcd": ["etcd-1"], "calico_nodes": ["worker-1", "worker-2"]}


def _inventory(**groups: list[str]) -> bytes:
    return json.dumps({"_meta": {}, **{name: {"hosts": hosts} for name, hosts in groups.items()}}).encode()


def test_every_file_of_yaml_can_be_read() -> None:
    """Playbooks, tasks, handlers and defaults are YAML, and none is empty."""
    files = {name: text for name, text in static_files().items() if name.endswith(".yml")}
    assert files
    assert all(yaml.safe_load(text) for text in files.values())


def test_every_module_of_the_project_is_python() -> None:
    """The modules compile, under the names that the playbooks use."""
    modules = {name: text for name, text in static_files().items() if name.endswith(".py")}
    assert {"ringfence_plan", "ringfence_apply", "ringfence_pair", "ringfence_command"} == {
        name.rpartition("/")[2].removesuffix(".py") for name in modules
    }
    for name, text in modules.items():
        compile(text, name, "exec")


def test_every_role_that_is_played_is_there() -> None:
    """What site.yml includes is part of the project."""
    files = static_files()
    plays = yaml.safe_load(files["site.yml"])
    roles = [
        task["ansible.builtin.include_role"]["name"]
        for play in plays
        for task in play["tasks"]
        if "ansible.builtin.include_role" in task
    ]
    assert {"etcd_member", "calico_node", "kube_controllers", "kube_apiserver"} == set(roles)
    assert all(f"roles/{role}/tasks/main.yml" in files for role in roles)


def test_a_key_is_never_in_a_task_that_tells_what_it_does() -> None:
    """The one task that handles keys hides its arguments unless somebody says otherwise."""
    tasks = yaml.safe_load(static_files()["roles/certificates/tasks/main.yml"])
    (pair,) = (task for task in tasks if "ringfence_pair" in task)
    assert "{{ ringfence_no_log | default(true) }}" == pair["no_log"]


def test_members_are_restarted_one_by_one() -> None:
    """The only play that restarts members takes one at a time and stops at the first that fails."""
    plays = yaml.safe_load(static_files()["site.yml"])
    (turns,) = (play for play in plays if "turn" in str(play["tasks"]))
    assert (1, True) == (turns["serial"], turns["any_errors_fatal"])


def test_nodes_are_tried_with_one_first_and_none_may_fail() -> None:
    """The play of the nodes begins with a batch of one, and ends with the first batch in which one fails."""
    plays = yaml.safe_load(static_files()["site.yml"])
    (nodes,) = (play for play in plays if play["hosts"] == "calico_nodes")
    assert "default([1, '25%'])" in nodes["serial"]
    assert "default(0)" in nodes["max_fail_percentage"]


def test_what_starts_a_unit_does_not_enable_it() -> None:
    """Enabling is a change too, and what was only enabled still runs with what it was started with."""
    files = {name: text for name, text in static_files().items() if "/tasks/" in name}
    tasks = [task["ansible.builtin.systemd_service"] for text in files.values() for task in yaml.safe_load(text)
             if "ansible.builtin.systemd_service" in task]  # fmt: skip
    assert {("started", None), (None, True)} == {(task.get("state"), task.get("enabled")) for task in tasks}


def test_the_inventory_has_every_group_and_host() -> None:
    """Groups without hosts are there, for the operator to fill."""
    worker = Host("worker-1", "10.0.1.1", {"calico_node_certificates": [named_pair("calico-node.worker-1")]})
    read = yaml.safe_load(inventory_yaml({"calico_nodes": [worker, Host("true", None, {})]}))
    children = read["all"]["children"]
    assert set(GROUPS) == children.keys()
    assert {} == children["kube_apiservers"]["hosts"]
    assert {
        "worker-1": {
            "ansible_host": "10.0.1.1",
            "calico_node_certificates": [
                {
                    "name": "calico-node.worker-1",
                    "certificate": "calico-node.worker-1.pem",
                    "key": "calico-node.worker-1-key.pem",
                }
            ],
        },
        "true": {},
    } == children["calico_nodes"]["hosts"]


def test_the_inventory_of_many_nodes_is_a_line_a_node() -> None:
    """5,000 nodes are 5,000 lines, in their order."""
    nodes = [Host(f"worker-{number}", None, {}) for number in range(5000)]
    lines = inventory_yaml({"calico_nodes": nodes}).splitlines()
    assert [f'        "{node.name}": {{}}' for node in nodes] == [line for line in lines if '"worker-' in line]


def test_variables_look_keys_up_and_hold_none() -> None:
    """What the hosts are told about keys is an expression."""
    values = common(spec="s", pki="p", folder="/etc/etcd/pki", expected=_EXPECTED)
    read = yaml.safe_load(group_vars(values))
    assert values == read
    assert read["ringfence_private_key"].startswith("{{ lookup(")


@pytest.mark.parametrize("text", ["a {{ b }}", "{% if %}", "{# c #}", "{{{", "plain"])
def test_text_that_looks_like_an_expression_is_taken_literally(text: str) -> None:
    """What opens an expression in the text is broken up by an empty one."""
    made = template(text, {})
    opened = made.split("{{ '' }}")
    assert text == "".join(opened)
    assert not any(mark in part for part in opened for mark in ("{{", "{%", "{#"))


def test_markers_become_expressions() -> None:
    """A conflist with markers is one that Ansible fills in."""
    text = cni_conflist(endpoints=["https://10.0.0.1:2379"], folder=FOLDER, identity=UserName(IDENTITY), nodename=HOST)
    made = template(text, {str(FOLDER): "folder", IDENTITY: "name", HOST: "host"})
    filled = made.replace("{{ folder }}", "/pki").replace("{{ name }}", "calico-cni.w").replace("{{ host }}", "w")
    expected = cni_conflist(
        endpoints=["https://10.0.0.1:2379"],
        folder=PurePosixPath("/pki"),
        identity=UserName("calico-cni.w"),
        nodename="w",
    )
    assert "w" == json.loads(expected)["plugins"][0]["nodename"]
    assert expected == filled


def test_an_inventory_with_the_hosts_of_the_spec_is_good() -> None:
    """The same hosts, one group by way of another."""
    text = json.dumps(
        {
            "etcd": {"hosts": ["etcd-1"]},
            "calico_nodes": {"children": ["west", "east"]},
            "west": {"hosts": ["worker-1"]},
            "east": {"hosts": ["worker-2"], "children": ["calico_nodes"]},
        }
    )
    assert () == inventory_problems(text.encode(), "inventory.json", _EXPECTED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_inventory(etcd=["etcd-1", "etcd-9"], calico_nodes=["worker-1", "worker-2"]), ["etcd-9 is not in the spec"]),
        (_inventory(etcd=["etcd-1"], calico_nodes=["worker-1"]), ["worker-2 of the spec is missing"]),
        (
            _inventory(calico_nodes=["worker-1", "Worker-2"]),
            ["etcd-1 of the spec is missing", "Worker-2 is not in the spec", "worker-2 of the spec is missing"],
        ),
    ],
)
def test_hosts_that_only_one_has_are_named(text: bytes, expected: list[str]) -> None:
    """Every host that the inventory or the spec lacks is a problem of its own."""
    assert expected == [problem.what for problem in inventory_problems(text, "inventory.json", _EXPECTED)]


def test_many_hosts_that_are_missing_are_counted() -> None:
    """A wholly different inventory does not fill the screen."""
    names = [f"worker-{number}" for number in range(5000)]
    problems = inventory_problems(_inventory(), "inventory.json", {"calico_nodes": names})
    assert 21 == len(problems)
    assert "and 4980 more like the last one" == problems[-1].what


@pytest.mark.parametrize("text", [b"all: {}", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_inventory_is_refused(text: bytes) -> None:
    """Only what ansible-inventory --list writes is read."""
    with pytest.raises(InputError, match="is no inventory as JSON"):
        inventory_problems(text, "inventory.json", _EXPECTED)
