"""What a security reviewer looks for in Python code, read from its tree.

Every rule takes the source and one place in it, and yields what it sees there.
"""

import ast
import re
from collections.abc import Iterator

from course_lib.simulation.model.skills.code_source import (
    Observation,
    Source,
    Spot,
    dotted,
    is_constant,
    keyword,
    names_in,
    parameters,
    shown,
)

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|passphrase|secret|token|api_?key|auth_?key|private_?key|access_?key|"
    r"credentials?)(?:_?(?:key|value))?$",
    re.I,
)
_SECRET_USE = re.compile(
    r"password|passwd|pwd|passphrase|secret|token|session_?id|otp|salt|nonce|api_?key|invite|reset", re.I
)
_PASSWORD = re.compile(r"password|passwd|pwd|passphrase|(?:^|_)pin(?:$|_)", re.I)
_RIGHTS = re.compile(
    r"(?:^|[_.])(?:is_)?(?:admin|permissions?|permitted|authori[sz]ed|authenticated|roles?|owner|logged_in|password|staff|superuser)$|"
    r"[._]token$",
    re.I,
)
_SQL = re.compile(
    r"\b(?:select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|drop\s+table|alter\s+table|where)\b",
    re.I | re.S,
)
_HTML = re.compile(r"<(?:html|body|div|span|p|b|i|a|li|ul|td|tr|h[1-6]|script|title|img|input|option)\b[^>]*>", re.I)
_FILE_PARAMETER = re.compile(
    r"(?:file_?name|requested|upload|user_?(?:path|file)|page_?name|template_?name|attachment)s?$", re.I
)
_REQUEST = re.compile(
    r"^(?:flask\.)?request(?:\.|$)|\.(?:args|form|GET|POST|query_params|match_info)$|^sys\.argv$|^input$"
)
_PATH_GUARDS = frozenset(
    {"resolve", "is_relative_to", "basename", "secure_filename", "safe_join", "commonpath", "realpath", "isalnum"}
)
_SQL_CALLS = frozenset({"execute", "executemany", "executescript", "raw", "read_sql", "read_sql_query", "text"})
_LOADS_OBJECTS = frozenset(
    f"{module}.{name}"
    for module in ("pickle", "cPickle", "_pickle", "dill", "marshal", "joblib", "cloudpickle")
    for name in ("load", "loads")
) | {"pickle.Unpickler", "shelve.open"}
_WEAK_HASHES = {"hashlib.md5": "MD5", "hashlib.sha1": "SHA-1"}
_FAST_HASHES = {
    "hashlib.sha256": "SHA-256",
    "hashlib.sha512": "SHA-512",
    "hashlib.sha224": "SHA-224",
    "hashlib.sha384": "SHA-384",
}
_CHANCE = frozenset(
    {"choice", "choices", "randint", "random", "randrange", "getrandbits", "sample", "uniform", "randbytes"}
)
_XML_PARSERS = re.compile(
    r"^xml\.(?:etree\.(?:c?ElementTree)|dom\.minidom|sax|dom\.pulldom)\.(?:parse|parseString|fromstring|iterparse|XML)$"
)
_LOGGING = re.compile(
    r"(?:^|\.)(?:log|logger|logging|_log|_logger)\.(?:debug|info|warning|error|critical|exception|log)$", re.I
)


def observe(source: Source) -> Iterator[Observation]:
    """Everything that a security reviewer may say about a source, in source order."""
    for place in source.places:
        for rule in _RULES.get(type(place.node), ()):
            yield from rule(source, place)


def _runs_text(source: Source, place: Spot):
    name = dotted(place.node.func)
    if name in ("eval", "exec") and place.node.args and not isinstance(place.node.args[0], ast.Constant):
        what = shown(place.node.args[0])
        yield Observation(place.line, "high", f"{name}() runs whatever code `{what}` holds.", 0.03)


def _starts_shell(source: Source, place: Spot):
    name, call = source.called(place.node), place.node
    fixed = bool(call.args) and isinstance(call.args[0], ast.Constant)
    if name in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput") and call.args:
        yield Observation(
            place.line,
            "low" if fixed else "high",
            f"{name}() hands a command line to the shell, where a value can add commands.",
            0.25 if fixed else 0.05,
        )
    elif is_constant(keyword(call, "shell"), True):
        yield Observation(
            place.line,
            "low" if fixed else "high",
            "shell=True lets a value add commands of its own.",
            0.25 if fixed else 0.04,
        )
    elif name in ("subprocess.run", "subprocess.call", "subprocess.Popen", "subprocess.check_output"):
        yield Observation(place.line, "medium", f"{name}() may run commands that a user chose.", 0.05, certain=False)


def _builds_sql(source: Source, place: Spot):
    if dotted(place.node.func).rpartition(".")[2] not in _SQL_CALLS or not place.node.args:
        return
    query = place.node.args[0]
    if _is_built_sql(query):
        yield _sql(query.lineno, 0.05)
    elif isinstance(query, ast.Name):
        built = [value for value in source.values_of(query.id, place) if _is_built_sql(value)]
        yield from (_sql(value.lineno, 0.12) for value in built)
        if not built and any(_is_sql(value) for value in source.values_of(query.id, place)):
            yield Observation(place.line, "medium", "The query may be built from a user's text.", 0.03, certain=False)
    elif _is_sql(query) and len(place.node.args) > 1:
        yield Observation(
            place.line, "high", "The query takes values from outside and may allow SQL injection.", 0.04, certain=False
        )


def _sql(line: int, difficulty: float) -> Observation:
    return Observation(
        line, "high", "The SQL query is built from text, so a value can change the query (SQL injection).", difficulty
    )


def _is_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_SQL.search(node.value))


def _is_built_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        fixed = "?".join(
            part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        return bool(_SQL.search(fixed)) and any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        pieces = [part for part in ast.walk(node) if isinstance(part, ast.Constant)]
        varies = any(isinstance(part, (ast.Name, ast.Call, ast.Attribute, ast.Subscript)) for part in ast.walk(node))
        return varies and any(_is_sql(part) for part in pieces)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
        and _is_sql(node.func.value)
    )


def _loads_objects(source: Source, place: Spot):
    name = source.called(place.node)
    if name in _LOADS_OBJECTS:
        yield Observation(place.line, "high", f"{name}() runs code that is hidden in the data it reads.", 0.06)
    elif name in ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load"):
        loader = keyword(place.node, "Loader") or (place.node.args[1] if len(place.node.args) > 1 else None)
        if loader is None or "Safe" not in dotted(loader):
            yield Observation(place.line, "high", f"{name}() without SafeLoader can create any Python object.", 0.08)


def _hard_coded_argument(source: Source, place: Spot):
    for entry in place.node.keywords:
        if entry.arg and _is_secret(entry.arg, entry.value):
            yield _hard_coded(entry.value.lineno, entry.arg)


def _hard_coded_name(source: Source, place: Spot):
    targets = place.node.targets if isinstance(place.node, ast.Assign) else [place.node.target]
    for target in targets:
        name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = str(target.slice.value)
        if _is_secret(name, place.node.value):
            yield _hard_coded(place.line, name)


def _hard_coded_entry(source: Source, place: Spot):
    for key, value in zip(place.node.keys, place.node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and _is_secret(key.value, value):
            yield _hard_coded(value.lineno, key.value)


def _hard_coded(line: int, name: str) -> Observation:
    return Observation(line, "high", f"The secret `{name}` is written into the code.", 0.07)


def _is_secret(name: str, value: ast.AST | None) -> bool:
    if not _SECRET_NAME.search(name) or not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return False
    text = value.value
    mixed = any(char.isdigit() for char in text) or any(char in "!#$%&*+?@" for char in text) or text != text.lower()
    return len(text) >= 6 and mixed and text.isprintable() and not re.search(r"[\s{<(%]|^\W|:/|^[A-Z_]+$", text)


def _weak_hash(source: Source, place: Spot):
    name = source.called(place.node)
    if name == "hashlib.new" and place.node.args and isinstance(place.node.args[0], ast.Constant):
        name = f"hashlib.{place.node.args[0].value}"
    words = " ".join((place.function.name if place.function else "", *map(shown, place.node.args)))
    if name in _WEAK_HASHES and _PASSWORD.search(words):
        yield Observation(place.line, "high", f"{_WEAK_HASHES[name]} is far too fast and weak for passwords.", 0.07)
    elif name in _FAST_HASHES and _PASSWORD.search(words):
        yield Observation(
            place.line, "medium", f"{_FAST_HASHES[name]} is too fast for passwords; use scrypt with a salt.", 0.2
        )
    elif name in _WEAK_HASHES or name in _FAST_HASHES:
        yield Observation(place.line, "medium", f"{name}() may be too weak a hash.", 0.06, certain=False)


def _temporary_name(source: Source, place: Spot):
    if source.called(place.node) == "tempfile.mktemp":
        yield Observation(
            place.line, "medium", "tempfile.mktemp() leaves time for somebody else to create the file first.", 0.1
        )


def _assert_rights(source: Source, place: Spot):
    names = [dotted(part) for part in ast.walk(place.node.test) if isinstance(part, (ast.Name, ast.Attribute))]
    rights = [name for name in names if _RIGHTS.search(name)]
    if rights:
        yield Observation(
            place.line, "medium", f"`python -O` drops this assert, and with it the check of `{rights[0]}`.", 0.2
        )


def _unchecked_certificate(source: Source, place: Spot):
    verify = keyword(place.node, "verify")
    if is_constant(verify, False):
        yield Observation(verify.lineno, "high", "verify=False accepts any certificate, also a forged one.", 0.07)
    if source.called(place.node) == "ssl._create_unverified_context":
        yield Observation(place.line, "high", "ssl._create_unverified_context() accepts any certificate.", 0.07)


def _predictable(source: Source, place: Spot):
    module, _, name = source.called(place.node).rpartition(".")
    if module != "random" or name not in _CHANCE:
        return
    words = [place.function.name if place.function else ""]
    words += [shown(target) for parent in place.parents if isinstance(parent, ast.Assign) for target in parent.targets]
    if _SECRET_USE.search(" ".join(words)):
        yield Observation(
            place.line, "high", f"random.{name}() can be predicted; a secret needs the module secrets.", 0.12
        )
    else:
        yield Observation(place.line, "low", f"random.{name}() can be predicted.", 0.04, certain=False)


def _path_from_input(source: Source, place: Spot):
    parts = _later_parts(source, place.node)
    if not parts or place.function is None or _guards_paths(place.function):
        return
    names = set(_outside_names(source, place))
    for part in parts:
        found = sorted(names & names_in(part)) or [shown(part)] * _is_request(part)
        if found:
            yield Observation(
                place.line, "high", f'`{found[0]}` comes from outside and can lead out of the folder with "../".', 0.22
            )
            return


def _later_parts(source: Source, node: ast.AST) -> list[ast.AST]:
    """What is added to a folder: the later arguments of join(), the right side of `/`."""
    if isinstance(node, ast.Call) and source.called(node) in ("os.path.join", "posixpath.join"):
        return node.args[1:]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        left = dotted(node.left)
        folder = re.search(r"(?:dir|directory|folder|root|base|path|archive|uploads?)$", left, re.I)
        return [node.right] if folder else []
    return []


def _outside_names(source: Source, place: Spot) -> Iterator[str]:
    for argument in parameters(place.function):
        if _FILE_PARAMETER.search(argument.arg):
            yield argument.arg
    for (function, name), values in source.bindings.items():
        if function == id(place.function) and any(_is_request(value) for value in values):
            yield name


def _is_request(node: ast.AST) -> bool:
    return any(
        isinstance(part, (ast.Attribute, ast.Name)) and bool(_REQUEST.search(dotted(part))) for part in ast.walk(node)
    )


def _guards_paths(function: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in _PATH_GUARDS
        or isinstance(part, ast.Name)
        and part.id in _PATH_GUARDS
        for part in ast.walk(function)
    )


def _html_from_input(source: Source, place: Spot):
    fixed = "".join(
        part.value for part in place.node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    if not _HTML.search(fixed):
        return
    bare = [
        part.value.id
        for part in place.node.values
        if isinstance(part, ast.FormattedValue)
        and isinstance(part.value, ast.Name)
        and part.conversion == -1
        and not part.format_spec
    ]
    if bare:
        yield Observation(
            place.line, "medium", f"`{bare[0]}` goes into the HTML unescaped, so it can carry a script.", 0.2
        )


def _debugger(source: Source, place: Spot):
    if is_constant(keyword(place.node, "debug"), True) and dotted(place.node.func).endswith("run"):
        yield Observation(place.line, "medium", "debug=True lets visitors run code in the debugger.", 0.1)


def _unpacks(source: Source, place: Spot):
    name = dotted(place.node.func).rpartition(".")[2]
    if name == "extractall" and keyword(place.node, "filter") is None and re.search(r"\btarfile\b", source.text):
        yield Observation(
            place.line, "high", "extractall() without a filter lets an archive write outside the folder.", 0.18
        )


def _open_to_all(source: Source, place: Spot):
    if dotted(place.node.func).rpartition(".")[2] == "chmod":
        modes = [
            part
            for part in (*place.node.args, *(entry.value for entry in place.node.keywords))
            if isinstance(part, ast.Constant)
        ]
        if any(isinstance(mode.value, int) and mode.value & 0o002 and mode.value <= 0o7777 for mode in modes):
            yield Observation(place.line, "medium", "chmod() lets every user of the machine change the file.", 0.1)


def _logs_secret(source: Source, place: Spot):
    name = dotted(place.node.func)
    if name != "print" and not _LOGGING.search(name):
        return
    for part in (part for argument in place.node.args for part in ast.walk(argument)):
        word = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if re.search(r"password|passwd|secret|api_?key|private_?key", word, re.I):
            yield Observation(place.line, "medium", f"`{word}` is written to the log in plain text.", 0.18)
            return


def _xml(source: Source, place: Spot):
    name = source.called(place.node)
    if _XML_PARSERS.match(name):
        yield Observation(place.line, "low", f"{name}() has no protection against XML that grows without bound.", 0.3)


def _sounds_dangerous(source: Source, place: Spot):
    name = dotted(place.node.func)
    if re.search(r"(?:^|\.|_)(?:eval|exec)(?:_|$)", name) and name not in ("eval", "exec"):
        yield Observation(place.line, "medium", f"{name}() may run code from outside.", 0.05, certain=False)


def _named_dangerously(source: Source, place: Spot):
    if re.search(r"^(?:eval|exec)_", place.node.name):
        yield Observation(place.line, "high", f"{place.node.name}() evaluates what it is given.", 0.05, certain=False)


def _compares_secret(source: Source, place: Spot):
    words = [dotted(part) for part in ast.walk(place.node) if isinstance(part, (ast.Name, ast.Attribute))]
    if isinstance(place.node.ops[0], ast.Eq) and any(
        re.search(r"token|digest|signature|hmac", word, re.I) for word in words
    ):
        yield Observation(
            place.line, "low", "Comparing secrets with == takes a time that can be measured.", 0.12, certain=False
        )


_RULES = {
    ast.Call: (
        _runs_text,
        _starts_shell,
        _builds_sql,
        _loads_objects,
        _hard_coded_argument,
        _weak_hash,
        _temporary_name,
        _unchecked_certificate,
        _predictable,
        _path_from_input,
        _debugger,
        _unpacks,
        _open_to_all,
        _logs_secret,
        _xml,
        _sounds_dangerous,
    ),
    ast.Assign: (_hard_coded_name,),
    ast.AnnAssign: (_hard_coded_name,),
    ast.Dict: (_hard_coded_entry,),
    ast.Assert: (_assert_rights,),
    ast.BinOp: (_path_from_input,),
    ast.JoinedStr: (_html_from_input,),
    ast.FunctionDef: (_named_dangerously,),
    ast.Compare: (_compares_secret,),
}
