"""What integrators build against: the catalogue, schemas, samples, code lists. Public, and kept by clients."""

import json

import pytest
from jsonschema import Draft202012Validator

from tests.http.desk import Desk
from tests.http.problems import assert_problem
from tradeflow.bundle import bundle_root
from tradeflow.codec import intake
from tradeflow.model.catalogue import catalogue
from tradeflow.rules.evaluate import rules_of

IDS = catalogue().ids()


async def test_the_catalogue_lists_every_message(desk: Desk) -> None:
    items = (await desk.get("/v1/catalogue")).json["items"]
    assert [item["type"] for item in items] == IDS
    for link in items[0]["links"].values():
        assert (await desk.get(link)).status == 200, link


@pytest.mark.parametrize("id", IDS)
async def test_a_message_type_in_full(desk: Desk, id: str) -> None:
    found, kind = (await desk.get(f"/v1/catalogue/{id}")).json, catalogue().message(id)
    assert (found["type"], found["name"], found["from_roles"]) == (id, kind.name, list(kind.from_roles))
    assert len(found["fields"]) == len(kind.fields) + len(kind.catalogue.envelope)
    assert [rule["id"] for rule in found["rules"]] == [rule.id for rule in rules_of(id)]
    schema = Draft202012Validator((await desk.get(found["links"]["json_schema"])).json)  # test_schemas.py holds that it is a schema
    for address in found["samples"]:
        sample = await desk.get(address)
        assert sample.headers["Content-Type"] == ("application/xml" if address.endswith(".xml") else "application/json")
        assert intake.read(sample.body, sample.headers["Content-Type"]).type == id
        if address.endswith(".json"):
            schema.validate(sample.json)


async def test_schemas_are_the_published_ones(desk: Desk) -> None:
    for id in IDS[::10]:
        in_json, in_xml = await desk.get(f"/v1/schemas/{id}.json"), await desk.get(f"/v1/schemas/{id}.xsd")
        assert in_json.body == (bundle_root() / f"schemas/json/{id}.schema.json").read_bytes()
        assert in_xml.body == (bundle_root() / f"schemas/xsd/{id}.xsd").read_bytes()
        assert (in_json.headers["Content-Type"], in_xml.headers["Content-Type"]) == ("application/schema+json", "application/xml")


async def test_code_lists_by_the_names_that_fields_use(desk: Desk) -> None:
    for name, known in catalogue().codelists.items():
        found = (await desk.get(f"/v1/codelists/{name}")).json
        assert {code["code"] for code in found.get("codes", [])} == set(known.codes)
        assert found.get("codes") or found["pattern"] == known.pattern


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/catalogue/nothing", "UNKNOWN_MESSAGE"),
        ("/v1/schemas/nothing.json", "UNKNOWN_MESSAGE"),
        ("/v1/schemas/purchase_order", "NOT_FOUND"),
        ("/v1/schemas/purchase_order.xml", "NOT_FOUND"),
        ("/v1/schemas/.json", "UNKNOWN_MESSAGE"),
        ("/v1/samples/purchase_order/nothing.json", "NOT_FOUND"),
        ("/v1/samples/purchase_order/..%2F..%2Fmessage.toml", "NOT_FOUND"),
        ("/v1/samples/_common/types.toml", "UNKNOWN_MESSAGE"),
        ("/v1/codelists/nothing", "NOT_FOUND"),
        ("/docs/messages/nothing", "UNKNOWN_MESSAGE"),
        ("/docs/static/nothing.css", "NOT_FOUND"),
        ("/docs/static/..%2Fapp.py", "NOT_FOUND"),
    ],
)
async def test_what_is_not_there(desk: Desk, path: str, code: str) -> None:
    assert_problem(await desk.get(path), 404, code)


async def test_a_client_that_has_it_is_told_so(desk: Desk) -> None:
    for path in ("/v1/catalogue", "/v1/schemas/purchase_order.json", "/openapi.json", "/docs", "/docs/static/docs.css"):
        first = await desk.get(path)
        tag = first.headers["ETag"]
        for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await desk.get(path, headers={"If-None-Match": asked})
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
        assert (await desk.get(path, headers={"If-None-Match": '"other"'})).status == 200


async def test_public_content_says_nothing_of_paths_on_the_server(desk: Desk) -> None:
    root = str(bundle_root())
    for path in ("/v1/catalogue/purchase_order", "/docs/messages/purchase_order", "/openapi.json", "/docs"):
        assert root not in json.dumps((await desk.get(path)).body.decode())
