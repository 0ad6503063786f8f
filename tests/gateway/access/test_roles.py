"""What a grant gives, over a workspace and over single deployments."""

import pytest

from gateway.access.roles import Grant, Permission, Principal, Role, everything

ANN = Principal(
    "ann",
    (
        Grant(Role.viewer, "mlops"),
        Grant(Role.builder, "mlops", frozenset({"chat", "search"})),
        Grant(Role.operator, "lab"),
    ),
)


@pytest.mark.parametrize(
    ("permission", "workspace", "names", "allowed"),
    [
        (Permission.see, "mlops", {"anything"}, True),
        (Permission.see, "mlops", set(), True),
        (Permission.see, "elsewhere", {"chat"}, False),
        (Permission.build, "mlops", {"chat"}, True),
        (Permission.build, "mlops", {"chat", "search"}, True),
        (Permission.build, "mlops", {"chat", "other"}, False),
        (Permission.build, "mlops", set(), False),
        (Permission.approve, "mlops", {"chat"}, False),
        (Permission.build, "lab", {"anything"}, True),
        (Permission.manage, "lab", set(), True),
    ],
)
def test_a_permission_holds_where_it_was_granted(
    permission: Permission, workspace: str, names: set[str], allowed: bool
) -> None:
    assert ANN.may_with(permission, workspace, names) is allowed


def test_single_deployments_are_not_the_workspace() -> None:
    assert not ANN.may(Permission.build, "mlops")
    assert ANN.may_somewhere(Permission.build, "mlops")


def test_roles_contain_each_other() -> None:
    allowed = [{p for p in Permission if role.may(p)} for role in Role]
    assert allowed[0] < allowed[1] < allowed[2] == set(Permission)


def test_the_one_key_of_before_opens_everything_everywhere() -> None:
    assert all(everything("admin").may(each, "any") for each in Permission)
