"""Random schemas with instances that are near them: keyword values of the right form, every keyword of 2020-12 that decides."""
import json
import random

NAMES = ("a", "b", "c", "ab", "abc", "x1", "é")
PATTERNS = ("^a", "b$", "^[a-c]+$", "\\d", "^.{2}$", "(a|b)c?", "\\p{L}")
SCALARS = (None, True, False, 0, 1, 2, 3, 7, -1, 1.0, 1.5, 2.5, 100, "", "a", "b", "ab", "abc", "a1", "é", "\U0001f600", "1")
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def value(r, depth=2):
    pick = r.random()
    if depth == 0 or pick < 0.5:
        return r.choice(SCALARS)
    if pick < 0.7:
        return [value(r, depth - 1) for _ in range(r.randrange(4))]
    return {name: value(r, depth - 1) for name in r.sample(NAMES, r.randrange(5))}


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.defs = 0

    def some(self, make, low=1, high=3):
        return [make() for _ in range(self.r.randint(low, high))]

    def named(self, depth):
        return {name: self.schema(depth) for name in self.r.sample(NAMES, self.r.randint(1, 3))}

    def reference(self):
        choices = ["#"] + [f"#/$defs/d{i}" for i in range(self.defs)]
        return self.r.choice(choices[1:] if len(choices) > 1 and self.r.random() < 0.9 else choices)

    def keywords(self, depth):
        r = self.r
        flat = {
            "type": lambda: r.choice(TYPES) if r.random() < 0.6 else r.sample(TYPES, r.randint(2, 4)),
            "enum": lambda: [json.loads(v) for v in dict.fromkeys(json.dumps(value(r, 1)) for _ in range(4))],
            "const": lambda: value(r, 1),
            "minimum": lambda: r.choice((0, 1, 1.5)), "maximum": lambda: r.choice((2, 3, 2.5)),
            "exclusiveMinimum": lambda: r.choice((0, 1)), "exclusiveMaximum": lambda: r.choice((3, 7)),
            "multipleOf": lambda: r.choice((1, 2, 0.5)),
            "minLength": lambda: r.randrange(3), "maxLength": lambda: r.randrange(4), "pattern": lambda: r.choice(PATTERNS),
            "minItems": lambda: r.randrange(3), "maxItems": lambda: r.randrange(4), "uniqueItems": lambda: r.random() < 0.8,
            "minProperties": lambda: r.randrange(3), "maxProperties": lambda: r.randrange(5),
            "required": lambda: r.sample(NAMES, r.randint(1, 2)),
            "dependentRequired": lambda: {n: r.sample(NAMES, 1) for n in r.sample(NAMES, 2)},
        }
        deep = {
            "items": lambda: self.schema(depth - 1), "prefixItems": lambda: self.some(lambda: self.schema(depth - 1)),
            "contains": lambda: self.schema(depth - 1), "minContains": lambda: r.randrange(3), "maxContains": lambda: r.randrange(3),
            "properties": lambda: self.named(depth - 1), "additionalProperties": lambda: self.schema(depth - 1),
            "patternProperties": lambda: {r.choice(PATTERNS): self.schema(depth - 1)},
            "propertyNames": lambda: self.schema(depth - 1), "dependentSchemas": lambda: self.named(depth - 1),
            "allOf": lambda: self.some(lambda: self.schema(depth - 1)), "anyOf": lambda: self.some(lambda: self.schema(depth - 1)),
            "oneOf": lambda: self.some(lambda: self.schema(depth - 1)), "not": lambda: self.schema(depth - 1),
            "if": lambda: self.schema(depth - 1), "then": lambda: self.schema(depth - 1), "else": lambda: self.schema(depth - 1),
            "unevaluatedProperties": lambda: self.schema(0), "unevaluatedItems": lambda: self.schema(0),
        }
        return flat if depth == 0 else {**flat, **deep}

    def schema(self, depth):
        r = self.r
        if r.random() < 0.08:
            return r.random() < 0.6
        if self.defs and depth > 0 and r.random() < 0.08:
            return {"$ref": self.reference()}
        makers = self.keywords(depth)
        names = list(makers)
        chosen = r.sample(names, r.choice((1, 1, 2, 2, 3)))
        if "if" in chosen and r.random() < 0.9:
            chosen += [name for name in ("then", "else") if name not in chosen]
        if chosen[0] == "additionalProperties" and "properties" not in chosen:
            chosen.append("properties")
        return {name: makers[name]() for name in chosen}

    def document(self):
        self.defs = self.r.randrange(3)
        root = self.schema(3)
        while isinstance(root, bool):
            root = self.schema(3)
        # definitions refer only to later ones, so that no reference can go round without reading the instance
        count, made = self.defs, {}
        for i in reversed(range(count)):
            self.defs = 0
            made[f"d{i}"] = self.schema(2)
            if i + 1 < count and self.r.random() < 0.5 and isinstance(made[f"d{i}"], dict):
                made[f"d{i}"]["$ref"] = f"#/$defs/d{i + 1}"
        if made:
            root["$defs"] = made
        return root

    def instance(self, schema):
        """Something that has a chance: guided by the schema's own words, at random elsewhere."""
        r = self.r
        if not isinstance(schema, dict) or r.random() < 0.2:
            return value(r)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum") and r.random() < 0.8:
            return r.choice(schema["enum"])
        if any(word in schema for word in ("properties", "required", "dependentRequired", "patternProperties", "propertyNames",
                                           "additionalProperties", "unevaluatedProperties", "dependentSchemas")):
            names = {*schema.get("required", ()), *r.sample(NAMES, r.randrange(3)), *schema.get("properties", {})}
            return {name: self.instance(schema.get("properties", {}).get(name)) for name in sorted(names) if r.random() < 0.9}
        if any(word in schema for word in ("items", "prefixItems", "contains", "unevaluatedItems")):
            each = schema.get("items", schema.get("contains"))
            return [self.instance(s) for s in schema.get("prefixItems", ())] + [self.instance(each) for _ in range(r.randrange(3))]
        for word in ("allOf", "anyOf", "oneOf"):
            if schema.get(word):
                return self.instance(r.choice(schema[word]))
        for word in ("if", "then", "else"):
            if word in schema:
                return self.instance(schema[word])
        return value(r)


def lines(seed, schemas, per_schema):
    """Pairs as pairs.c reads them. A schema that may refer to itself on the same instance is left out."""
    generator = Generator(seed)
    made = 0
    while made < schemas:
        schema = generator.document()
        if '"#"' in json.dumps(schema):
            continue
        instances = [generator.instance(schema) for _ in range(per_schema)]
        made += 1
        yield {"schema": schema, "instances": instances}
