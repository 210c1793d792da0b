"""Which JSON schemas the API takes for structured output, and how it refuses the others.

Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs (supported and unsupported features)
"""

from course_lib.simulation.api.refusals import invalid

WHERE = "output_config.format.schema"
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
UNSUPPORTED = {
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "array": ("maxItems", "uniqueItems", "contains", "minContains", "maxContains", "prefixItems"),
    "object": ("minProperties", "maxProperties", "patternProperties", "propertyNames"),
}


def check_schema(schema: dict) -> None:
    """Raises: Refusal 400 that names the first feature the API does not support."""
    definitions = {f"#/{place}/{name}": part for place in ("$defs", "definitions")
                   for name, part in _parts(schema, place).items()}
    _check(schema, definitions, (), set())


def _check(schema, definitions, inside, passed):
    if not isinstance(schema, dict):
        raise invalid(f"{WHERE}: {schema!r} is no schema: an object is expected")
    if "$ref" in schema:
        return _check_reference(str(schema["$ref"]), definitions, inside, passed)
    kinds = schema.get("type")
    for kind in [kinds] if isinstance(kinds, str) else _list(schema, "type"):
        _check_kind(kind, schema)
    _check_values(schema)
    parts = [*_parts(schema, "properties").values(), *_list(schema, "anyOf"), *_list(schema, "allOf")]
    for part in [*parts, schema["items"]] if "items" in schema else parts:
        _check(part, definitions, inside, passed)
    for combined in ("oneOf", "not", "if"):
        if combined in schema:
            raise invalid(f"{WHERE}: '{combined}' is not supported")


def _check_reference(reference, definitions, inside, passed):
    if reference in inside or reference == "#":
        raise invalid(f"{WHERE}: '{reference}' refers to itself; recursive schemas are not supported")
    if reference not in definitions:
        raise invalid(f"{WHERE}: $ref '{reference}' names no definition of this schema; external references are not supported")
    if reference not in passed:
        _check(definitions[reference], definitions, (*inside, reference), passed)
        passed.add(reference)


def _check_kind(kind, schema):
    if kind not in TYPES:
        raise invalid(f"{WHERE}: type {kind!r} is none of {', '.join(TYPES)}")
    if found := [name for name in UNSUPPORTED.get(kind, ()) if name in schema]:
        raise invalid(f"{WHERE}: For '{kind}' type, properties {', '.join(found)} are not supported")
    if kind == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{WHERE}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    if kind == "array" and schema.get("minItems", 0) not in (0, 1):
        raise invalid(f"{WHERE}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    if kind == "string" and "format" in schema and schema["format"] not in FORMATS:
        raise invalid(f"{WHERE}: For 'string' type, format {schema['format']!r} is not supported")


def _check_values(schema):
    values = _list(schema, "enum")
    if "enum" in schema and not values:
        raise invalid(f"{WHERE}: enum: a list of at least one value is expected")
    if any(isinstance(value, (dict, list)) for value in values):
        raise invalid(f"{WHERE}: enum: objects and arrays are not supported as values")
    known = _parts(schema, "properties")
    if missing := [name for name in _list(schema, "required") if not (isinstance(name, str) and name in known)]:
        raise invalid(f"{WHERE}: required: {missing[0]!r} is no property of this object")


def _parts(schema, name) -> dict:
    if schema.get(name) is not None and not isinstance(schema[name], dict):
        raise invalid(f"{WHERE}: {name}: an object is expected")
    return schema.get(name) or {}


def _list(schema, name) -> list:
    if schema.get(name) is not None and not isinstance(schema[name], list):
        raise invalid(f"{WHERE}: {name}: a list is expected")
    return schema.get(name) or []
