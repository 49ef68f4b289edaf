#!/usr/bin/env python3
"""Random expressions with what the real Terraform answers to them.

    generate.py [--count 1500] [--seed 1] [--terraform terraform] > testdata/terraform/differential/answers.jsonl

Every line is {"expr", and one of "value" with "type", "unknown" with "type", "error"}: the value as jsonencode() writes it, with
all its digits; the type as `type(...)` prints it in `terraform console`, without white space; the first line of the error.
A value of which there is no JSON has only a type. What is "unknown" is not known as a whole: a part of it may be. Then "when" holds what it is worth once the texts, numbers and
flags that are open are known, in several ways.

The expressions are made by type: an argument mostly has the type that is asked for, now and then another one, so that
conversions and refusals are tried as well. The same seed makes the same expressions. Only the standard library is needed, and a
`terraform` of the version that is followed (1.11).
"""
import argparse
import base64
import concurrent.futures
import json
import pathlib
import queue
import random
import re
import subprocess
import sys
import tempfile

MODULE = pathlib.Path(__file__).resolve().parents[4] / "testdata/terraform/differential/main.tf"

TEXTS = [
    "", "a", "b", "Hello World", "ünï", "a,b,,c", "10", "1.5", "-3", "true", "false", "x-y_z", "  padded  ", "UPPER",
    "10.0.0.0/8", "192.168.1.7/24", "2001:db8::/32", "fd00::1", "2020-02-29T23:59:58Z", "2021-01-01T00:00:00+02:00", "1h30m",
    "%s-%d", "%5.2f|%-4s|", "héllo wörld", "line\\nbreak\\n", "tab\\tx", "👩‍👧", "e\u0301", "[1, 2]", "{\\\"a\\\": 1}",
    "- a\\n- b: 2\\n", "aGVsbG8=", "[a-z]+", "(\\\\d+)", "(?P<k>[a-z])(?P<v>\\\\d)", "a1b2", "YYYY-MM-DD", "/etc/hosts", "a/b/c.txt", "$${x}",
    "%%{y}", "null", "0x1F", "ff", "\\u00e9", "<&>",
]
NUMBERS = ["0", "1", "2", "3", "-1", "5", "10", "0.5", "1.5", "-2.25", "16", "62", "100", "1e3", "0.1", "3.14159", "1e-3",
           "100000000000000000000", "12345678901234567890.5", "9007199254740993", "255"]
NAMES = ["a", "b", "c", "name", "size", "on", "k", "x"]
# What the open values may turn out to be.
WORLDS = [{"open_text": '"x"', "open_number": "1"}, {"open_text": '"zz"', "open_number": "2.5"}]
WORKERS = 4
WRONG_SHARE = 0.04

STRING, NUMBER, BOOL, ANY = "string", "number", "bool", "any"
LIST, SET, MAP = lambda t: ("list", t), lambda t: ("set", t), lambda t: ("map", t)
STRINGS, NUMBERS_LIST, MAPS = LIST(STRING), LIST(NUMBER), MAP(STRING)

# What a function takes and gives; "..." after the last argument: any number of it.
FUNCTIONS = [
    ("abs", [NUMBER], NUMBER), ("ceil", [NUMBER], NUMBER), ("floor", [NUMBER], NUMBER), 
    ("max", [NUMBER, "..."], NUMBER), ("min", [NUMBER, "..."], NUMBER), ("ceil", ["double"], NUMBER), ("floor", ["double"], NUMBER), ("signum", [NUMBER], NUMBER),
    ("parseint", [STRING, NUMBER], NUMBER), ("sum", [NUMBERS_LIST], NUMBER), ("length", [STRING], NUMBER), ("length", [STRINGS], NUMBER),
    ("length", [MAPS], NUMBER), ("index", [STRINGS, STRING], NUMBER), ("tonumber", [STRING], NUMBER), ("tonumber", [NUMBER], NUMBER),
    ("chomp", [STRING], STRING), ("lower", [STRING], STRING), ("upper", [STRING], STRING), ("title", [STRING], STRING),
    ("strrev", [STRING], STRING), ("trimspace", [STRING], STRING), ("trim", [STRING, STRING], STRING), ("trimprefix", [STRING, STRING], STRING),
    ("trimsuffix", [STRING, STRING], STRING), ("indent", [NUMBER, STRING], STRING), ("join", [STRING, STRINGS], STRING),
    ("join", [STRING, STRINGS, STRINGS], STRING), ("replace", [STRING, STRING, STRING], STRING), ("substr", [STRING, NUMBER, NUMBER], STRING),
    ("format", [STRING, ANY, "..."], STRING), ("coalesce", [STRING, "..."], STRING), ("element", [STRINGS, NUMBER], STRING),
    ("lookup", [MAPS, STRING, STRING], STRING), ("one", [STRINGS], STRING), ("tostring", [ANY], STRING), ("tostring", ["double"], STRING), ("jsonencode", [ANY], STRING),
    ("yamlencode", [ANY], STRING), ("base64encode", [STRING], STRING), ("base64decode", [STRING], STRING),
    ("urlencode", [STRING], STRING), ("textencodebase64", [STRING, "encoding"], STRING), ("textdecodebase64", [STRING, "encoding"], STRING),
    ("md5", [STRING], STRING), ("sha1", [STRING], STRING), ("sha256", [STRING], STRING), ("sha512", [STRING], STRING),
    ("base64sha256", [STRING], STRING), ("base64sha512", [STRING], STRING), ("uuidv5", ["namespace", STRING], STRING),
    ("formatdate", [STRING, "time"], STRING), ("timeadd", ["time", "duration"], STRING), ("timecmp", ["time", "time"], NUMBER),
    ("cidrhost", ["prefix", NUMBER], STRING), ("cidrnetmask", ["prefix"], STRING), ("cidrsubnet", ["prefix", NUMBER, NUMBER], STRING),
    ("cidrsubnets", ["prefix", NUMBER, "..."], STRINGS), ("basename", [STRING], STRING), ("dirname", [STRING], STRING),
    ("regex", ["pattern", STRING], STRING), ("regexall", ["pattern", STRING], STRINGS), ("templatestring", ["template", ANY], STRING),
    ("startswith", [STRING, STRING], BOOL), ("endswith", [STRING, STRING], BOOL), ("strcontains", [STRING, STRING], BOOL),
    ("contains", [STRINGS, STRING], BOOL), ("alltrue", [LIST(BOOL)], BOOL), ("anytrue", [LIST(BOOL)], BOOL), ("can", [ANY], BOOL),
    ("tobool", [STRING], BOOL), ("tobool", [BOOL], BOOL), ("issensitive", [ANY], BOOL), ("can", ["risky"], BOOL),
    ("split", [STRING, STRING], STRINGS), ("compact", [STRINGS], STRINGS), ("concat", [STRINGS, STRINGS, "..."], STRINGS),
    ("distinct", [STRINGS], STRINGS), ("sort", [STRINGS], STRINGS), ("reverse", [STRINGS], STRINGS), ("slice", [STRINGS, NUMBER, NUMBER], STRINGS),
    ("flatten", [LIST(STRINGS)], STRINGS), ("keys", [MAPS], STRINGS), ("values", [MAPS], STRINGS), ("formatlist", [STRING, STRINGS, STRINGS], STRINGS),
    ("coalescelist", [STRINGS, STRINGS, "..."], STRINGS), ("chunklist", [STRINGS, NUMBER], LIST(STRINGS)), ("tolist", [SET(STRING)], STRINGS),
    ("tolist", [STRINGS], STRINGS), ("matchkeys", [STRINGS, STRINGS, STRINGS], STRINGS), ("range", ["small"], NUMBERS_LIST),
    ("range", ["small", "small"], NUMBERS_LIST), ("range", ["small", "small", "small"], NUMBERS_LIST), ("tolist", [NUMBERS_LIST], NUMBERS_LIST),
    ("toset", [STRINGS], SET(STRING)), ("toset", [NUMBERS_LIST], SET(NUMBER)), ("setunion", [SET(STRING), SET(STRING), "..."], SET(STRING)),
    ("setintersection", [SET(STRING), SET(STRING)], SET(STRING)), ("setsubtract", [SET(STRING), SET(STRING)], SET(STRING)),
    ("setproduct", [STRINGS, STRINGS], ANY), ("setproduct", [SET(STRING), SET(NUMBER)], ANY), ("tomap", [MAPS], MAPS), ("merge", [MAPS, MAPS, "..."], MAPS),
    ("zipmap", [STRINGS, STRINGS], MAPS), ("transpose", [MAP(STRINGS)], MAP(STRINGS)), ("jsondecode", ["json"], ANY),
    ("yamldecode", ["yaml"], ANY), ("csvdecode", ["csv"], ANY), ("try", ["risky", ANY], ANY), ("nonsensitive", [ANY], ANY),
    ("urldecode", [STRING], STRING), ("ephemeralasnull", [ANY], ANY), ("merge", [ANY, ANY], ANY), ("concat", [ANY, ANY], ANY),
    ("coalesce", [ANY, ANY], ANY), ("lookup", [ANY, STRING], ANY), ("element", [ANY, NUMBER], ANY), ("values", [ANY], ANY),
    ("flatten", [ANY], ANY), ("distinct", [ANY], ANY), ("tolist", [ANY], ANY), ("toset", [ANY], ANY), ("tomap", [ANY], ANY), ("one", [ANY], ANY),
]
POOLS = {
    "encoding": ['"UTF-8"', '"UTF-16LE"', '"ISO-8859-1"', '"windows-1252"', '"nonsense"'],
    "namespace": ['"dns"', '"url"', '"6ba7b810-9dad-11d1-80b4-00c04fd430c8"', '"none"'],
    "time": ['"2020-02-29T23:59:58Z"', '"2021-12-31T00:00:00+02:00"', '"2006-01-02T15:04:05.123Z"', '"yesterday"'],
    "duration": ['"1h30m"', '"-10m"', '"0.5s"', '"24h"', '"1d"'],
    "prefix": ['"10.0.0.0/8"', '"192.168.1.7/24"', '"2001:db8::/32"', '"0.0.0.0/0"', '"10.0.0.0"', '"::/0"', '"172.16.0.0/30"'],
    "pattern": ['"[a-z]+"', '"(\\\\d+)"', '"(?P<k>[a-z])(?P<v>\\\\d?)"', '"^.?"', '"\\\\s"', '"(a|b)*"', '"["', '"(?i)HELLO"'],
    "small": ["0", "1", "2", "4", "-2", "0.5", "7", "null"],
    "json": ['"[1, 2.50, null]"', '"{\\"a\\": {\\"b\\": [true]}}"', '"1e400"', '"\\"x\\\\u0041\\""', '"{"', '"{\\"a\\":1,\\"a\\":2}"', '"12345678901234567890"'],
    "yaml": ['"a: 1\\nb: [x, ~]\\n"', '"- 0x1F\\n- 1_000\\n- yes\\n"', '"2020-01-01"', '"a: &x 1\\nb: *x"', '"[unclosed"', '"|\\n  text\\n"', '".inf"'],
    "csv": ['"a,b\\n1,2\\n3,\\n"', '"a,a\\n1,2\\n"', '"a\\n\\"x\\ny\\"\\n"', '""', '"a,b\\n1\\n"'],
    "template": ["local.text", "var.nothing", "var.strings[0]"],
}


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []

    def one(self, choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def make(self, ty, depth):
        """An expression that mostly has the type."""
        if ty in POOLS:
            return self.one(POOLS[ty])
        if ty == "risky":
            return self.risky(depth)
        if ty == "double":
            # Not within arithmetic: Terraform then shows more digits than the 53 bits that these functions compute with.
            return f"{self.one(['log', 'pow'])}({self.make(NUMBER, 0)}, {self.make(NUMBER, 0)})"
        if self.chance(WRONG_SHARE):
            ty = self.one([STRING, NUMBER, BOOL, STRINGS, NUMBERS_LIST, SET(STRING), MAPS, "object", "tuple", "null", "open"])
        if ty == ANY:
            ty = self.one([STRING, NUMBER, BOOL, STRINGS, NUMBERS_LIST, SET(STRING), MAPS, "object", "tuple", "null", "object", "tuple"])
        if depth <= 0 or self.chance(0.2):
            return self.leaf(ty)
        forms = [self.call, self.call, self.call, self.conditional, self.operator, self.loop, self.part]
        return self.one(forms)(ty, depth - 1)

    def leaf(self, ty):
        bound = [name for name, of in self.names if of == ty]
        if bound and self.chance(0.6):
            return self.one(bound)
        if ty == STRING:
            if self.chance(0.25):
                return self.one(["local.text", "var.strings[1]", "local.object.name", "var.people[0].name", "var.nothing",
                                 "local.tuple[0]", "var.anything.m.n", "local.ten", "local.open_text"])
            return '"' + self.one(TEXTS) + '"'
        if ty == NUMBER:
            if self.chance(0.2):
                return self.one(["local.ten", "local.object.size", "var.people[1].age", "length(var.strings)", "local.open_number", "local.tuple[1]"])
            return self.one(NUMBERS)
        if ty == BOOL:
            return self.one(["true", "false", "true", "false", "var.flags.on", "var.flags[\"off\"]", "local.object.on", "local.open_flag"])
        if ty == "null":
            return "null"
        if ty == "open":
            return self.one(["local.open_text", "local.open_number", "local.open_flag", "local.open_strings", "local.open_map"])
        if ty == "object":
            return self.one(["local.object", "var.people[0]", "var.people[1]", "var.anything", "{}", '{ a = 1, "b" = "two" }',
                             "local.open_map", '{ (local.text) = true }', "{ a = { b = [] } }"])
        if ty == "tuple":
            return self.one(["local.tuple", "[]", "[1, \"a\"]", "[null]", "[true, [1, {}]]", "var.anything.k", "var.people", "[[], [1]]"])
        kind, element = ty
        if kind == "list" and element == STRING and self.chance(0.4):
            return self.one(["var.strings", "keys(var.flags)", "var.people[*].name", "local.open_strings"])
        if kind == "list" and element == NUMBER and self.chance(0.3):
            return self.one(["var.nested[\"a\"]", "var.people[*].age", "local.object.list"])
        if kind == "set" and element == NUMBER and self.chance(0.5):
            return "var.numbers"
        if kind == "map":
            if element == BOOL or self.chance(0.15):
                return self.one(["var.flags", "var.people[0].tags", "var.people[1].tags", "local.open_map"])
            names = self.random.sample(NAMES, self.random.randint(0, 3))
            return "{ " + ", ".join(f"{name} = {self.leaf(element)}" for name in names) + " }"
        items = "[" + ", ".join(self.leaf(element) for _ in range(self.random.randint(0, 4))) + "]"
        if kind == "set":
            return f"toset({items})"
        return items if self.chance(0.6) else f"tolist({items})"

    def call(self, ty, depth):
        fitting = [function for function in FUNCTIONS if function[2] == ty or (ty in ("object", "tuple") and function[2] == ANY)]
        if not fitting:
            return self.leaf(ty)
        name, takes, _ = self.one(fitting)
        arguments = []
        for at, argument in enumerate(takes):
            if argument == "...":
                for _ in range(self.random.randint(0, 2)):
                    arguments.append(self.make(takes[at - 1], depth))
            else:
                arguments.append(self.make(argument, depth))
        if self.chance(0.02):
            arguments = arguments[:-1]
        if "..." in takes and self.chance(0.15) and arguments:
            arguments[-1] = f"[{arguments[-1]}]..."
        return f"{self.one(['', '', '', '', 'core::'])}{name}({', '.join(arguments)})"

    def conditional(self, ty, depth):
        return f"({self.make(BOOL, depth)} ? {self.make(ty, depth)} : {self.make(ty, depth)})"

    def operator(self, ty, depth):
        if ty == NUMBER:
            if self.chance(0.15):
                return f"-{self.make(NUMBER, 0)}" if self.chance(0.5) else f"-({self.make(NUMBER, depth)})"
            return f"({self.make(NUMBER, depth)} {self.one('+-*/%')} {self.make(NUMBER, depth)})"
        if ty == BOOL:
            sort = self.random.random()
            if sort < 0.15:
                return f"!{self.make(BOOL, depth)}"
            if sort < 0.45:
                return f"({self.make(BOOL, depth)} {self.one(['&&', '||'])} {self.make(BOOL, depth)})"
            if sort < 0.7:
                return f"({self.make(NUMBER, depth)} {self.one(['<', '>', '<=', '>='])} {self.make(NUMBER, depth)})"
            kind = self.one([STRING, NUMBER, BOOL, STRINGS, SET(STRING), MAPS, "object", "tuple", "null"])
            other = kind if self.chance(0.8) else self.one([STRING, NUMBER, "null", "tuple"])
            return f"({self.make(kind, depth)} {self.one(['==', '!='])} {self.make(other, depth)})"
        if ty == STRING:
            return self.template(depth)
        return self.conditional(ty, depth)

    def template(self, depth):
        pieces = []
        for _ in range(self.random.randint(1, 3)):
            sort = self.random.random()
            if sort < 0.35:
                pieces.append(self.one(TEXTS))
            elif sort < 0.75:
                strip = (self.one(["", "", "", "~"]), self.one(["", "", "", "~"]))
                inner = self.make(self.one([STRING, NUMBER, BOOL]), depth)
                pieces.append(f"${{{strip[0]} {inner} {strip[1]}}}")
            elif sort < 0.88:
                test = self.make(BOOL, depth)
                pieces.append(f"%{{ if {test} }}{self.one(TEXTS)}%{{ else }} {self.one(TEXTS)} %{{ endif ~}}")
            else:
                pieces.append(f"%{{ for i, v in {self.make(STRINGS, depth)} ~}} ${{i}}=${{v}};%{{ endfor }}")
        return '"' + "".join(pieces) + '"'

    def loop(self, ty, depth):
        kind = ty[0] if isinstance(ty, tuple) else ty
        if kind not in ("list", "set", "map", "object", "tuple"):
            return self.operator(ty, depth)
        over, key, element = self.one([(STRINGS, NUMBER, STRING), (MAPS, STRING, STRING), (NUMBERS_LIST, NUMBER, NUMBER), (SET(STRING), STRING, STRING)])
        source = self.make(over, depth)
        k, v = f"k{len(self.names)}", f"v{len(self.names)}"
        self.names += [(k, key), (v, element)]
        of = ty[1] if isinstance(ty, tuple) else self.one([STRING, NUMBER, BOOL])
        body = self.make(of, depth)
        test = f" if {self.make(BOOL, depth)}" if self.chance(0.25) else ""
        names = f"{k}, {v}" if self.chance(0.6) else v
        if names == v and k in body + test:
            names = f"{k}, {v}"
        if kind in ("map", "object"):
            name = self.one([k, v, self.make(STRING, 0)])
            names = f"{k}, {v}" if name == k else names
            grouping = "..." if self.chance(0.2) else ""
            text = f"{{ for {names} in {source} : {name} => {body}{grouping}{test} }}"
        else:
            text = f"[for {names} in {source} : {body}{test}]"
        del self.names[-2:]
        return f"toset({text})" if kind == "set" else text

    def part(self, ty, depth):
        """What is taken out of something."""
        if isinstance(ty, tuple) or ty in ("object", "tuple", "null", "open"):
            if ty == STRINGS:
                return self.one(["var.people[*].name", "var.people.*.name", "var.anything[*].m.n", f"{self.make(STRING, depth)}[*]",
                                 "values(var.nested)[*][0]", "[for p in var.people : p.name if p.age != null]", "local.tuple[*]"])
            return self.one(["var.people[2]", "var.anything.m", "var.anything[\"k\"]", "var.nested.a", "var.people[*].tags", "var.people[1][*]"])
        if ty == STRING:
            return f"{self.make(STRINGS, depth)}[{self.make(NUMBER, 0)}]" if self.chance(0.6) else f"{self.make(MAPS, depth)}[{self.make(STRING, 0)}]"
        if ty == NUMBER:
            return f"{self.make(NUMBERS_LIST, depth)}[{self.one(['0', '1', '-1', '0.5', 'local.ten'])}]"
        return f"{{ a = {self.make(ty, depth)} }}.{self.one(['a', 'a', 'a', 'b'])}"

    def risky(self, depth):
        return self.one(["var.anything.none", "var.people[7].name", "tonumber(\"x\")", "local.tuple[5]", "null.a", "var.people[0].tags.role",
                         "local.open_map.c", "local.open_text.a", self.make(ANY, depth), "tolist(local.object)", "var.flags.maybe"])


class Console:
    """The real console over the module, where what is open may be given."""

    def __init__(self, terraform, given):
        self.terraform = terraform
        self.folder = tempfile.TemporaryDirectory()
        text = MODULE.read_text()
        for name, value in given.items():
            text = re.sub(rf"(?m)^(  {name} +=).*$", rf"\1 {value}", text)
        (pathlib.Path(self.folder.name) / "main.tf").write_text(text)
        subprocess.run([terraform, "init", "-no-color"], cwd=self.folder.name, check=True, capture_output=True)

    def ask(self, text):
        done = subprocess.run([self.terraform, "console", "-no-color"], cwd=self.folder.name, input=text + "\n", capture_output=True, text=True)
        return done.returncode == 0, done.stdout.strip(), done.stderr

    def value(self, expression):
        """Its text as JSON, if it is known, or why it is refused."""
        fine, text, problem = self.ask(f"base64encode(jsonencode({expression}))")
        if not fine:
            words = [line for line in problem.splitlines() if line.lstrip("│╷ ").startswith("Error: ")]
            return {"error": words[0].split("Error: ", 1)[1].strip() if words else "error"}
        return {"value": base64.b64decode(text.strip('"')).decode()} if text.startswith('"') else {"unknown": True}


class Oracle:
    def __init__(self, terraform):
        self.console = Console(terraform, {})
        self.worlds = [Console(terraform, given) for given in WORLDS]

    def row(self, expression):
        fine, ty, _ = self.console.ask(f"type({expression})")
        value = self.console.value(expression)
        if not fine:
            return {"expr": expression, **value}
        row = {"expr": expression, "type": squashed(ty)}
        if "error" in value:
            # It has a value, of which there is no JSON: an infinite number.
            return row
        if "unknown" not in value:
            return {**row, **value}
        return {**row, **value, "when": [world.value(expression) for world in self.worlds]}


def squashed(ty):
    """A type without white space and final commas."""
    text = "".join(ty.split())
    for end in "})]":
        text = text.replace("," + end, end)
    return text


def written(row):
    """A row as JSON, values as Terraform wrote them."""
    parts = []
    for key, part in row.items():
        if key == "when":
            text = "[" + ",".join(map(written, part)) + "]"
        else:
            text = part if key == "value" else json.dumps(part, ensure_ascii=False)
        parts.append(f'"{key}":{text}')
    return "{" + ",".join(parts) + "}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--terraform", default="terraform")
    given = parser.parse_args()
    maker, expressions = Maker(given.seed), []
    while len(expressions) < given.count:
        ty = maker.one([STRING, NUMBER, BOOL, STRINGS, NUMBERS_LIST, SET(STRING), SET(NUMBER), MAPS, ANY, ANY, "tuple", "object"])
        expression = maker.make(ty, maker.one([1, 1, 2, 2, 3]))
        if 3 < len(expression) <= 300 and expression not in expressions:
            expressions.append(expression)
    # A folder for each worker, since a console locks the state of its folder.
    workers = queue.SimpleQueue()
    for _ in range(WORKERS):
        workers.put(Oracle(given.terraform))

    def answered(expression):
        oracle = workers.get()
        row = oracle.row(expression)
        workers.put(oracle)
        return row

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for row in pool.map(answered, expressions):
            sys.stdout.write(written(row) + "\n")


if __name__ == "__main__":
    main()
