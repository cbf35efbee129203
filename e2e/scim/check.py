"""A directory that was not written here: what scim2-client sends and takes, and what scim2-tester checks.

Reads SCIM_URL, SCIM_KEY (a key of the role Directory) and SCIM_STRANGER (a key without rights) from the environment,
prints one JSON line for each check: {"check", "why"}, where `why` is empty for one that passed.
"""

import json
import os
import traceback
import uuid

import scim2_tester.filling as filling
from httpx2 import Client
from pydantic import BaseModel
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Error, PatchOp, PatchOperation, SCIMException, SearchRequest
from scim2_tester import Status, check_server

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TIMEOUT_S = 30
# Queries by POST (RFC 7644 section 3.4.3), which no provider sends; docs/sign-on.md says so.
NOT_OFFERED = ("search_with_attributes",)
# Everybody is shown by some name, and may or may not sign in: taken away, they follow from what is left.
ALWAYS_THERE = ("displayName", "name", "active")


def client(key):
    headers = {"Authorization": f"Bearer {key}"}
    return SyncSCIMClient(Client(base_url=os.environ["SCIM_URL"], headers=headers, timeout=TIMEOUT_S))


def report(check, why=""):
    print(json.dumps({"check": check, "why": why}), flush=True)


def address():
    return f"{uuid.uuid4()}@directory.example"


def is_ours(data):
    """Whether a check missed nothing but what it could not know: what is always there, and what the server says beside."""
    if not isinstance(data, dict):
        return False
    if "initial_value" in data:
        return data["urn"] in ALWAYS_THERE
    return "expected" in data and is_within(told(data["expected"]), told(data["modify_actual"]))


def told(value):
    if isinstance(value, list):
        return [told(each) for each in value]
    return value.model_dump(exclude_none=True, exclude={"schemas"}) if isinstance(value, BaseModel) else value


def is_within(part, whole):
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_within(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(is_within, part, whole))
    return part == whole


def standard_checks(scim):
    """The checks of scim2-tester, which makes up users' names, languages and managers that there cannot be."""
    made_up = filling.get_random_example_value
    scim.discover()
    manager = scim.create(scim.get_resource_model("User")(user_name=address())).id
    ours = {"user_name": address, "preferred_language": lambda: "en"}

    def example(path):
        binding = path.resolve()
        if binding is None:
            return made_up(path)
        if (binding.target_model.__name__, binding.target_field_name) == ("Manager", "value"):
            return manager
        make = ours.get(binding.target_field_name)
        return make() if make else made_up(path)

    filling.get_random_example_value = example
    for result in check_server(scim):
        if result.title in NOT_OFFERED:
            continue
        passed = result.status in (Status.SUCCESS, Status.SKIPPED, Status.ACCEPTABLE) or is_ours(result.data)
        of = f" of {result.resource_type}" if result.resource_type else ""
        report(f"standard: {result.title}{of}", "" if passed else f"{result.reason} {result.data}"[:2000])


class Scenario:
    """What a directory does from day to day, in the ways of several vendors."""

    def __init__(self, scim):
        self.scim = scim
        self.User = scim.get_resource_model("User")
        self.Group = scim.get_resource_model("Group")

    def new_user(self, **values):
        return self.scim.create(self.User(user_name=address(), **values))

    def raw(self, method, path, body=None, headers=None):
        given = {"Content-Type": "application/scim+json", **(headers or {})}
        return self.scim.client.request(method, path, json=body, headers=given)

    def patch(self, resource, *operations):
        """A PATCH as a vendor writes it, not as this library would."""
        kind = resource.meta.resource_type
        answer = self.raw("PATCH", f"/{kind}s/{resource.id}", {"schemas": [PATCH], "Operations": list(operations)})
        assert answer.status_code == 200, answer.text
        return self.scim.query(type(resource), resource.id)

    def refused(self, status, scim_type, call):
        try:
            call()
        except SCIMException as refusal:
            error = refusal.to_error()
            assert error.status == status, error
            assert error.scim_type == scim_type, error
            return
        raise AssertionError("it was not refused")

    def check_a_user_is_made_read_and_found(self):
        made = self.new_user(external_id=str(uuid.uuid4()), display_name="王芳", active=True)
        assert self.scim.query(self.User, made.id) == made
        for wanted in (
            f'userName eq "{made.user_name}"',
            f'externalId eq "{made.external_id}"',
            f'emails.value eq "{made.user_name.upper()}" and active eq true',
        ):
            found = self.scim.query(self.User, query_parameters=SearchRequest(filter=wanted))
            assert found.total_results == 1 and found.resources == [made], (wanted, found)

    def check_a_page_has_as_many_as_wanted(self):
        for _ in range(3):
            self.new_user()
        seen = []
        while True:
            wish = SearchRequest(start_index=len(seen) + 1, count=2, attributes=["userName"])
            page = self.scim.query(self.User, query_parameters=wish)
            assert page.start_index == len(seen) + 1 and page.items_per_page == len(page.resources or [])
            seen += [user.id for user in page.resources or []]
            if len(seen) >= page.total_results:
                break
        assert len(seen) == len(set(seen)) >= 3

    def check_attributes_that_are_wanted_are_answered_alone(self):
        made = self.new_user(display_name="Li Na")
        found = self.scim.query(self.User, made.id, query_parameters={"attributes": ["displayName"]})
        assert found.display_name == "Li Na" and found.user_name is None, found

    def check_a_patch_adds_replaces_and_removes(self):
        made = self.new_user(display_name="Li Na")
        operations = [
            PatchOperation(op="replace", path="displayName", value="Li Wei"),
            PatchOperation(op="add", path="name.familyName", value="Li"),
            PatchOperation(op="add", path="preferredLanguage", value="zh"),
        ]
        changed = self.scim.modify(made, PatchOp[self.User](operations=operations))
        assert (changed.display_name, changed.name.family_name, changed.preferred_language) == ("Li Wei", "Li", "zh")
        gone = PatchOp[self.User](operations=[PatchOperation(op="remove", path="preferredLanguage")])
        assert self.scim.modify(changed, gone).preferred_language is None

    def check_entra_patches_in_its_own_way(self):
        manager, made = self.new_user(), self.new_user(display_name="Li Na")
        changed = self.patch(
            made,
            {"op": "Replace", "path": "displayName", "value": "Li Wei"},
            {"op": "Add", "path": "name.givenName", "value": "Wei"},
            {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": manager.id},
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": made.user_name},
            {"op": "Replace", "path": "active", "value": "False"},
        )
        assert (changed.display_name, changed.name.given_name, changed.active) == ("Li Wei", "Wei", False), changed
        assert changed.model_dump(by_alias=True)[ENTERPRISE]["manager"]["value"] == manager.id

    def check_okta_patches_and_puts_in_its_own_way(self):
        made = self.new_user(display_name="Li Na")
        changed = self.patch(made, {"op": "replace", "value": {"active": False}})
        assert changed.active is False and changed.display_name == "Li Na"
        changed = self.patch(made, {"op": "replace", "value": {"active": True, "name": {"givenName": "Na"}}})
        assert changed.active is True and changed.name.given_name == "Na"

    def check_a_put_clears_what_it_leaves_out(self):
        made = self.new_user(display_name="Li Na", preferred_language="zh", external_id=str(uuid.uuid4()))
        replaced = self.scim.replace(self.User(id=made.id, user_name=made.user_name, display_name="Li Wei"))
        assert replaced.display_name == "Li Wei" and replaced.preferred_language is None
        assert replaced.external_id is None and replaced.active is True

    def check_a_user_is_deactivated_and_let_in_again(self):
        user = self.new_user()
        for active in (False, True):
            operation = PatchOperation(op="replace", path="active", value=active)
            user = self.scim.modify(user, PatchOp[self.User](operations=[operation]))
            assert user.active is active

    def check_a_version_that_has_passed_is_refused(self):
        made = self.new_user(display_name="Li Na")
        assert made.meta.version is not None
        body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "Li Wei"}]}
        fresh = self.raw("PATCH", f"/Users/{made.id}", body, {"If-Match": made.meta.version})
        assert fresh.status_code == 200, fresh.text
        stale = self.raw("PATCH", f"/Users/{made.id}", body, {"If-Match": made.meta.version})
        assert Error.model_validate(stale.json()).status == 412 == stale.status_code, stale.text
        again = self.raw("GET", f"/Users/{made.id}", headers={"If-None-Match": fresh.headers["ETag"]})
        assert again.status_code == 304

    def check_a_group_has_members_who_come_and_go(self):
        wang, li, chen = (self.new_user() for _ in range(3))
        member = lambda user: {"value": user.id}
        group = self.scim.create(self.Group(display_name=f"Sales {uuid.uuid4()}", members=[member(wang)]))
        ids = lambda: {each.value for each in self.scim.query(self.Group, group.id).members or []}
        assert ids() == {wang.id}
        self.patch(group, {"op": "Add", "path": "members", "value": [member(li), member(chen)]})
        assert ids() == {wang.id, li.id, chen.id}
        self.patch(group, {"op": "remove", "path": f'members[value eq "{wang.id}"]'})
        assert ids() == {li.id, chen.id}
        self.patch(group, {"op": "Remove", "path": "members", "value": [member(li)]})
        assert ids() == {chen.id}
        self.patch(group, {"op": "replace", "value": {"id": group.id, "displayName": f"Sales {uuid.uuid4()}"}})
        assert [each.value for each in self.scim.query(self.User, chen.id).groups] == [group.id]
        found = SearchRequest(filter=f'members eq "{chen.id}"', excluded_attributes=["members"])
        assert [each.id for each in self.scim.query(self.Group, query_parameters=found).resources] == [group.id]
        self.patch(group, {"op": "remove", "path": "members"})
        assert ids() == set()

    def check_what_is_deleted_is_gone(self):
        made = self.new_user()
        group = self.scim.create(self.Group(display_name=f"Gone {uuid.uuid4()}", members=[{"value": made.id}]))
        for model, id in ((self.Group, group.id), (self.User, made.id)):
            self.scim.delete(self.scim.query(model, id))
            self.refused(404, None, lambda: self.scim.query(model, id))
            self.refused(404, None, lambda: self.scim.delete(model, id))

    def check_what_is_wrong_is_told_in_the_words_of_the_standard(self):
        made = self.new_user(external_id=str(uuid.uuid4()))
        create = lambda **values: self.scim.create(self.User(**values))
        self.refused(409, "uniqueness", lambda: create(user_name=made.user_name))
        self.refused(409, "uniqueness", lambda: create(user_name=address(), external_id=made.external_id))
        self.refused(400, "invalidValue", lambda: create(user_name="no address"))
        search = lambda text: self.scim.query(self.User, query_parameters={"filter": text})
        self.refused(400, "invalidFilter", lambda: search('userName gt "a"'))
        self.refused(400, "invalidFilter", lambda: search("userName eq"))
        for body in ({}, {"schemas": [PATCH], "Operations": []}):
            answer = self.raw("PATCH", f"/Users/{made.id}", body)
            assert Error.model_validate(answer.json()).scim_type == "invalidSyntax", answer.text

    def check_what_there_is_not_is_told_in_the_words_of_the_standard(self):
        for method, path, status in (
            ("GET", "/Me", 404),
            ("POST", "/Bulk", 404),
            ("POST", "/.search", 404),
            ("GET", "/Users/none", 404),
            ("DELETE", "/Users", 405),
            ("PUT", "/Schemas", 405),
        ):
            answer = self.raw(method, path)
            assert answer.headers["content-type"].startswith("application/scim+json"), (path, answer.text)
            assert Error.model_validate(answer.json()).status == status == answer.status_code, (path, answer.text)

    def check_nobody_else_is_answered(self):
        for key, status in ((os.environ["SCIM_STRANGER"], 403), ("nonsense", 401)):
            answer = client(key).client.request("GET", "/Users")
            assert Error.model_validate(answer.json()).status == status == answer.status_code, answer.text


def main():
    scim = client(os.environ["SCIM_KEY"])
    scim.discover()
    scenario = Scenario(scim)
    for name in [name for name in dir(Scenario) if name.startswith("check_")]:
        try:
            getattr(scenario, name)()
            report(name.removeprefix("check_").replace("_", " "))
        except Exception:
            report(name.removeprefix("check_").replace("_", " "), traceback.format_exc()[-2000:])
    standard_checks(client(os.environ["SCIM_KEY"]))


main()
