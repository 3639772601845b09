# SPDX-License-Identifier: MIT
"""As much of JSON Schema as docs/audit.schema.json uses; a keyword it does not know is an error."""
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "$id", "$defs", "$ref", "title", "description", "type", "required", "properties", "additionalProperties", "items",
         "enum", "const", "minimum"}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def check(value, schema, root, path="$"):
    """What is wrong, as texts."""
    yield from (f"{path}: the schema uses {k}" for k in set(schema) - KNOWN)
    if "$ref" in schema:
        yield from check(value, root["$defs"][schema["$ref"].split("/")[-1]], root, path)
        return
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, t) for t in types):
            yield f"{path}: {value!r} is no {' or '.join(types)}"
            return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not among {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if "minimum" in schema and isinstance(value, int) and value < schema["minimum"]:
        yield f"{path}: {value} is below {schema['minimum']}"
    if isinstance(value, dict):
        yield from check_object(value, schema, root, path)
    if isinstance(value, list):
        for n, item in enumerate(value):
            yield from check(item, schema.get("items", {}), root, f"{path}[{n}]")


def check_object(value, schema, root, path):
    properties = schema.get("properties", {})
    yield from (f"{path}: no {name}" for name in schema.get("required", []) if name not in value)
    for name, item in value.items():
        if name in properties:
            yield from check(item, properties[name], root, f"{path}.{name}")
        elif schema.get("additionalProperties", True) is False:
            yield f"{path}: {name} is not in the schema"
