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


def errors(name, text):
    """Up to five errors of a document."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return [f"no JSON: {error}"]
    schema = SCHEMAS[name]
    resolver = jsonschema.RefResolver(base_uri=f"{name}.json", referrer=schema, store=STORE)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    found = sorted(validator.iter_errors(document), key=lambda error: error.json_path)
    return [f"{error.json_path}: {error.message} ({name}.json)" for error in found[:5]]


for schema in SCHEMAS.values():
    jsonschema.Draft202012Validator.check_schema(schema)
