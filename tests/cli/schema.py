# SPDX-License-Identifier: LGPL-2.1-or-later
"""The installed JSON schemas, applied strictly: a document has only fields that its schema names."""
import json
import pathlib
import sys
import warnings

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

warnings.simplefilter("ignore", DeprecationWarning)  # For RefResolver, which Debian 12 still needs.
SOURCE = pathlib.Path(__file__).resolve().parents[2]


def closed(schema):
    """The schema without other fields. Users should tolerate other fields; tests should not."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") in ("object", ["object", "null"]):
        result["additionalProperties"] = False
    return result


SCHEMAS = {path.stem: closed(json.loads(path.read_text()))
           for path in (SOURCE / "tools/gpupass/schema").glob("*.json")}
STORE = {f"{name}.json": schema for name, schema in SCHEMAS.items()}


USED = set()  # The fields of schemas that a document had: (id of the object that names it, its name).


def validator_of(schema, name):
    resolver = jsonschema.RefResolver(base_uri=f"{name}.json", referrer=SCHEMAS[name], store=STORE)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def use(schema, name, value):
    """Notes the fields that a valid document has."""
    if "$ref" in schema:
        file, pointer = schema["$ref"].split("#")
        name = file.removesuffix(".json") or name
        target = SCHEMAS[name]
        for part in pointer.strip("/").split("/"):
            target = target[part]
        use(target, name, value)
    for part in schema.get("anyOf", []):
        if validator_of(part, name).is_valid(value):
            use(part, name, value)
    if isinstance(value, dict):
        others = schema.get("additionalProperties")
        for part in value.values() if isinstance(others, dict) else ():
            use(others, name, part)
        for key, part in schema.get("properties", {}).items():
            if key in value:
                USED.add((id(schema), key))
                use(part, name, value[key])
    if isinstance(value, list) and "items" in schema:
        for element in value:
            use(schema["items"], name, element)


def unused():
    """The fields that a schema names and no document had."""
    def walk(schema, place):
        if isinstance(schema, list):
            schema = dict(enumerate(schema))
        if not isinstance(schema, dict):
            return
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            yield from (f"{place}: {key}" for key in schema["properties"] if (id(schema), key) not in USED)
        for key, part in schema.items():
            yield from walk(part, f"{place}/{key}")
    return [place for name, schema in sorted(SCHEMAS.items()) for place in walk(schema, f"{name}.json")]


def errors(name, text):
    """Up to five errors of a document."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return [f"no JSON: {error}"]
    schema = SCHEMAS[name]
    found = sorted(validator_of(schema, name).iter_errors(document), key=lambda error: error.json_path)
    if not found:
        use(schema, name, document)
    return [f"{error.json_path}: {error.message} ({name}.json)" for error in found[:5]]


for schema in SCHEMAS.values():
    jsonschema.Draft202012Validator.check_schema(schema)
