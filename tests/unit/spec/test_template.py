"""The spec that init writes is correct for whatever the operator answers, and says what was answered."""

from __future__ import annotations

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from ringfence.spec.template import Answers, template
from tests.unit.spec.reading import good, lines


def test_template_is_a_correct_spec() -> None:
    """Without any answer it has no problem, and holds kube-apiserver and Calico."""
    spec = good(template(Answers()))
    assert ["kube-apiserver", "calico"] == [component.identity for component in spec.components]
    assert 3 == len(spec.cluster.members)


def test_commented_component_is_correct_too() -> None:
    """Taking the comment signs off the tenant leaves a correct spec with one component more."""
    text = template(Answers()).replace("  # - name", "  - name").replace("  #   ", "    ")
    assert "inventory" == good(text).components[-1].identity


def test_commented_folder_is_correct_too() -> None:
    """Where certificates lie elsewhere: what init writes names the key, and it is read as it stands there."""
    spec = good(template(Answers()).replace("  # paths:", "  paths:"))
    assert PurePosixPath("/etc/etcd/pki") == spec.cluster.paths_pki


def test_answers_stand_in_the_spec() -> None:
    """Every answer can be read back."""
    answers = Answers(
        name="no",
        endpoints=("https://[::1]:2379",),
        members=(("e", ("::1",)),),
        etcd="3.5",
        kubernetes="1.34",
        calico="3.32",
    )
    spec = good(template(answers))
    assert ("no", ("https://[::1]:2379",), "3.5") == (spec.cluster.name, spec.cluster.endpoints, str(spec.cluster.etcd))
    assert ["e"] == [member.name for member in spec.cluster.members]


def test_without_members() -> None:
    """A cluster whose members have their certificates from elsewhere is a correct spec."""
    assert () == good(template(Answers(members=()))).cluster.members


def test_wrong_answers_are_problems() -> None:
    """An answer that is no endpoint is found by the check of what would be written."""
    expected = ["ringfence.yaml:6: cluster.endpoints[0]: plain http is refused"]
    assert expected == lines(template(Answers(endpoints=("http://a:2379",))))


@given(name=st.text("ab1.:#{}[]\"'\\,&*!|>-? \n\t\x00\x85\u2028é", min_size=1))
def test_any_name_is_quoted(name: str) -> None:
    """No answer can break out of its place in the file."""
    assert name == good(template(Answers(name=name))).cluster.name
