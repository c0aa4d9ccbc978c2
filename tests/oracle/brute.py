"""Random product documents and what they mean, by trying everything. Shares no code with the engine.

The meaning is written after docs/reference/product-document.md: conditions on an inactive option are false except
"active"; an inactive option fits every cell of `allowedCombinations` and only "*" of `forbiddenCombinations`; it counts
0 in sums. A configuration is a value (or None: inactive) per option; sets of multis are tuples.
"""
import itertools

MOST = 4000  # value combinations of one document
OPS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
       ">=": lambda a, b: a >= b, ">": lambda a, b: a > b}


# ---- documents ---------------------------------------------------------------------------------------------------

class Maker:
    """One random document; equal seeds give equal ones."""

    def __init__(self, random):
        self.random = random
        self.options = []
        self.size = 1

    def choice_option(self, name):
        choices = []
        for c in range(self.random.randint(2, 5)):
            choice = {"id": f"c{c}", "title": {"en": f"C {c}"}}
            if self.random.random() < 0.6:
                choice["price"] = self.random.randint(-50, 300)
            if self.random.random() < 0.6:
                choice["attributes"] = {"w": self.random.randint(-5, 9)}
            choices.append(choice)
        choices[0].setdefault("attributes", {"w": 2})
        return {"id": name, "kind": "choice", "title": {"en": name}, "choices": choices,
                "default": self.random.choice(choices)["id"]}

    def multi_option(self, name):
        count = self.random.randint(2, 3)
        least = self.random.randint(0, 1)
        return {"id": name, "kind": "multi", "title": {"en": name}, "min": least, "max": self.random.randint(1, count),
                "choices": [{"id": f"c{c}", "title": {"en": f"C {c}"}, "price": self.random.randint(0, 90),
                             "attributes": {"w": self.random.randint(0, 6)}} for c in range(count)]}

    def option(self, number):
        name, kind = f"o{number}", self.random.random()
        if kind < 0.45:
            option = self.choice_option(name)
        elif kind < 0.75:
            option = {"id": name, "kind": "flag", "title": {"en": name}, "price": self.random.randint(0, 200),
                      "attributes": {"w": self.random.randint(1, 7)}}
        elif kind < 0.88:
            option = self.multi_option(name)
        else:
            low = self.random.randint(-3, 4)
            option = {"id": name, "kind": "number", "title": {"en": name}, "min": low,
                      "max": low + self.random.randint(1, 4), "step": self.random.randint(1, 2), "default": low}
        if self.options and self.random.random() < 0.35:
            option["activeIf"] = self.condition(1)
        return option

    def atom(self):
        option = self.random.choice(self.options)
        name, kind, ids = option["id"], option["kind"], [c["id"] for c in option.get("choices", [])]
        if self.random.random() < 0.08:
            return {name: {"active": self.random.random() < 0.5}}
        if kind == "flag":
            return {name: self.random.random() < 0.6}
        if kind == "choice":
            some = self.random.sample(ids, self.random.randint(1, len(ids)))
            return {name: self.random.choice([ids[0], some, {"not": some[0]}])}
        if kind == "multi":
            return {name: {"has": self.random.choice(ids)}}
        low, high = option["min"], option["max"]
        value = self.random.randint(low, high)
        return {name: self.random.choice([value, {"gte": value}, {"lte": value}])}

    def condition(self, depth):
        draw = self.random.random()
        if depth == 0 or draw < 0.55:
            return self.atom()
        if draw < 0.65:
            return {"not": self.condition(depth - 1)}
        items = [self.condition(depth - 1) for _ in range(self.random.randint(1, 3))]
        return {"all" if draw < 0.82 else "any": items}

    def cell(self, option):
        if self.random.random() < 0.2:
            return "*"
        if option["kind"] == "flag":
            return self.random.random() < 0.5
        ids = [c["id"] for c in option["choices"]]
        return self.random.choice([self.random.choice(ids), self.random.sample(ids, self.random.randint(1, len(ids)))])

    def table(self):
        tabular = [o for o in self.options if o["kind"] in ("choice", "flag")]
        if not tabular:
            return {"kind": "formula", "expr": self.condition(2)}
        options = self.random.sample(tabular, min(len(tabular), self.random.randint(1, 3)))
        kind = self.random.choice(["allowedCombinations", "forbiddenCombinations"])
        rows = self.random.randint(2, 6) if kind == "allowedCombinations" else self.random.randint(1, 3)
        return {"kind": kind, "options": [o["id"] for o in options],
                "rows": [[self.cell(o) for o in options] for _ in range(rows)]}

    def weighty(self):
        return [o for o in self.options if o["kind"] != "number"]

    def term(self):
        numbers = [o for o in self.options if o["kind"] == "number"]
        if numbers and self.random.random() < 0.4:
            return {"number": self.random.choice(numbers)["id"]}
        if self.weighty() and self.random.random() < 0.6:
            return {"attribute": "w", "of": self.random.choice(self.weighty())["id"]}
        return {"const": self.random.randint(-4, 9)}

    def rule(self):
        kind = self.random.choice(["requires", "requires", "excludes", "iff", "atMostOne", "cardinality", "formula",
                                   "table", "table", "compare", "sum"])
        op = self.random.choice(list(OPS))
        some = [self.condition(1) for _ in range(self.random.randint(2, 4))]
        if kind == "table":
            return self.table()
        if kind == "sum" and self.weighty():
            of = self.random.sample(self.weighty(), self.random.randint(1, len(self.weighty())))
            return {"kind": "sum", "attribute": "w", "of": [o["id"] for o in of], "op": op,
                    "value": self.random.randint(-3, 20)}
        if kind == "compare":
            return {"kind": "compare", "left": self.term(), "op": op, "right": self.term()}
        if kind == "excludes":
            return {"kind": "excludes", "all": some}
        if kind == "iff":
            return {"kind": "iff", "left": some[0], "right": some[1]}
        if kind == "atMostOne":
            return {"kind": "atMostOne", "of": some}
        if kind == "cardinality":
            least = self.random.randint(0, len(some) - 1)
            return {"kind": "cardinality", "of": some, "min": least, "max": self.random.randint(least, len(some))}
        if kind == "requires":
            return {"kind": "requires", "if": some[0], "then": some[1]}
        return {"kind": "formula", "expr": self.condition(2)}

    def document(self):
        wanted = self.random.randint(3, 9)
        while len(self.options) < wanted:
            option = self.option(len(self.options))
            size = len(domain(option))
            if self.size * size > MOST:
                break
            self.size *= size
            self.options.append(option)
        for option in self.options:
            for choice in option.get("choices", []):
                if self.random.random() < 0.08:
                    choice["onlyIf"] = self.condition(1)
                    choice["onlyIfMessage"] = {"en": "only if"}
        rules = [self.rule() for _ in range(self.random.randint(1, 6))]
        for number, rule in enumerate(rules):
            rule.update({"id": f"r{number}", "message": {"en": f"rule {number}"}})
        return {"format": "cordwain-product/1", "id": "random", "version": "1", "title": {"en": "Random"},
                "locales": ["en"], "rulesOnly": True, "options": self.options, "rules": rules}


# ---- meaning -----------------------------------------------------------------------------------------------------

def domain(option):
    """Every value of an option, None for inactive."""
    kind = option["kind"]
    ids = [c["id"] for c in option.get("choices", [])]
    if kind == "flag":
        values = [False, True]
    elif kind == "choice":
        values = ids
    elif kind == "number":
        values = list(range(option["min"], option["max"] + 1, option["step"]))
    else:
        sizes = range(option["min"], option["max"] + 1)
        values = [chosen for size in sizes for chosen in itertools.combinations(ids, size)]
    return values + ([None] if "activeIf" in option else [])


def listed(value):
    return value if isinstance(value, list) else [value]


def test(value, wanted):
    """One member of a condition on an option's value."""
    if isinstance(wanted, dict):
        held = []
        if "active" in wanted:
            held.append((value is not None) == wanted["active"])
        if "not" in wanted:
            held.append(value is not None and value not in listed(wanted["not"]))
        if "has" in wanted:
            held.append(value is not None and any(one in value for one in listed(wanted["has"])))
        if "gte" in wanted:
            held.append(value is not None and value >= wanted["gte"])
        if "lte" in wanted:
            held.append(value is not None and value <= wanted["lte"])
        return all(held)
    return value is not None and any(value == one and isinstance(value, bool) == isinstance(one, bool)
                                     for one in listed(wanted))


def holds(condition, values):
    for name, wanted in condition.items():
        if name == "all":
            fine = all(holds(item, values) for item in wanted)
        elif name == "any":
            fine = any(holds(item, values) for item in wanted)
        elif name == "not":
            fine = not holds(wanted, values)
        else:
            fine = test(values[name], wanted)
        if not fine:
            return False
    return True


def attribute(option, value, name):
    if value is None:
        return 0
    if option["kind"] == "flag":
        return option.get("attributes", {}).get(name, 0) if value else 0
    if option["kind"] == "number":
        return option.get("attributes", {}).get(name, 0) * value
    chosen = value if option["kind"] == "multi" else (value,)
    return sum(c.get("attributes", {}).get(name, 0) for c in option["choices"] if c["id"] in chosen)


def term(this, values, options):
    if "const" in this:
        return this["const"]
    if "number" in this:
        return values[this["number"]] or 0
    return attribute(options[this["of"]], values[this["of"]], this["attribute"])


def row_fits(rule, row, values):
    for name, cell in zip(rule["options"], row):
        value = values[name]
        if cell == "*":
            continue
        if value is None:
            if rule["kind"] == "forbiddenCombinations" and not is_full(rule, name, cell):
                return False
            continue
        if value not in listed(cell):
            return False
    return True


def is_full(rule, name, cell):
    """A list of every choice says the same as "*"."""
    return isinstance(cell, list) and set(cell) == rule["all"][name]


def keeps(rule, values, options):
    kind = rule["kind"]
    if kind == "requires":
        return not holds(rule["if"], values) or holds(rule["then"], values)
    if kind == "excludes":
        return not all(holds(item, values) for item in rule["all"])
    if kind == "iff":
        return holds(rule["left"], values) == holds(rule["right"], values)
    if kind in ("atMostOne", "cardinality"):
        count = sum(holds(item, values) for item in rule["of"])
        return rule.get("min", 0) <= count <= rule.get("max", 1)
    if kind == "formula":
        return holds(rule["expr"], values)
    if kind == "compare":
        return OPS[rule["op"]](term(rule["left"], values, options), term(rule["right"], values, options))
    if kind == "sum":
        total = sum(attribute(options[name], values[name], rule["attribute"]) for name in rule["of"])
        return OPS[rule["op"]](total, rule["value"])
    fits = any(row_fits(rule, row, values) for row in rule["rows"])
    return fits == (kind == "allowedCombinations")


def price(document, values):
    total = 0
    for option in document["options"]:
        value = values[option["id"]]
        if option["kind"] == "flag":
            total += option.get("price", 0) if value else 0
        elif option["kind"] in ("choice", "multi") and value is not None:
            chosen = value if option["kind"] == "multi" else (value,)
            total += sum(c.get("price", 0) for c in option["choices"] if c["id"] in chosen)
    return total


def configurations(document):
    """Every configuration as (price, values), cheapest first."""
    options = {option["id"]: option for option in document["options"]}
    rules = [dict(rule) for rule in document["rules"]]
    for rule in rules:
        if rule["kind"] == "forbiddenCombinations":
            rule["all"] = {name: {c["id"] for c in options[name].get("choices", [])} for name in rule["options"]}
    found = []
    for chosen in itertools.product(*(domain(option) for option in document["options"])):
        values = dict(zip(options, chosen))
        if all((values[name] is not None) == holds(option["activeIf"], values)
               for name, option in options.items() if "activeIf" in option) and \
                all(holds(choice["onlyIf"], values) for name, option in options.items()
                    for choice in option.get("choices", []) if "onlyIf" in choice and
                    values[name] is not None and
                    (choice["id"] in values[name] if option["kind"] == "multi" else choice["id"] == values[name])) and \
                all(keeps(rule, values, options) for rule in rules):
            found.append((price(document, values), values))
    return sorted(found, key=lambda pair: pair[0])
