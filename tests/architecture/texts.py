"""Finds texts that people read and no translation can reach, in templates, scripts and code."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from django.template.base import Lexer, TokenType

if TYPE_CHECKING:
    from collections.abc import Iterator

# Attributes that are shown or spoken.
SPOKEN: Final = frozenset(
    {
        "alt",
        "aria-description",
        "aria-label",
        "aria-placeholder",
        "aria-roledescription",
        "aria-valuetext",
        "data-confirm",
        "label",
        "placeholder",
        "title",
    }
)
# The product, and key caps: the same in every language.
SAME_EVERYWHERE: Final = frozenset({"Affido", "Ctrl", "Enter", "Esc", "a", "r", "j", "k"})

# Words, as against codes and class names: "Something…" or "two words".
WORDS: Final = re.compile(r"^[A-Z][a-z]+\b(?!/)|(?<![-\w])[A-Za-z]{2,} [A-Za-z]{2,}(?![-\w])")
_LITERAL: Final = re.compile(r"""(_\()?(?:(\w+)=)?(["'])(.*?)\3""")
# Arguments of tags that are class names and addresses.
_CODES: Final = frozenset({"css", "hx_target"})
# Tags whose literals are marked already, or are names of files, URLs and values.
_NO_WORDS: Final = frozenset(
    {"translate", "trans", "load", "extends", "url", "static", "if", "elif", "partialdef"}
)
_SILENT: Final = frozenset({"blocktranslate", "blocktrans", "comment"})


class _Page(HTMLParser):
    """Collects what a page shows or speaks: text and some attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += tag in {"script", "style"}
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            # Scripts read their texts from data-… attributes.
            if name in SPOKEN or (name.startswith("data-") and WORDS.search(value)):
                self.shown.append(value)
        if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
            self.shown.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.shown.append(data)


def texts_in_template(source: str) -> Iterator[str]:
    """What a template shows that came through no translation tag."""
    html = []
    until = ""
    for token in Lexer(source).tokenize():
        name, _space, rest = token.contents.partition(" ")
        if until:
            until = "" if name == until else until
        elif token.token_type is TokenType.TEXT:
            html.append(token.contents)
            continue
        elif token.token_type is TokenType.BLOCK and name in _SILENT:
            until = f"end{name}"
        elif token.token_type is TokenType.BLOCK and (name, rest) == ("block", "width"):
            until = "endblock"  # a class name of the frame
        elif token.token_type is not TokenType.COMMENT and name not in _NO_WORDS:
            yield from _literals(token.contents)
        html.append(" ")
    page = _Page()
    page.feed("".join(html))
    page.close()
    for text in page.shown:
        if set(re.findall(r"[^\W\d_]+", text)) - SAME_EVERYWHERE:
            yield " ".join(text.split())


def _literals(contents: str) -> Iterator[str]:
    """Literals in a tag or a filter that look like words and are not marked with `_()`."""
    for marked, argument, _quote, literal in _LITERAL.findall(contents):
        if marked or argument in _CODES or literal in SAME_EVERYWHERE:
            continue
        if WORDS.search(literal):
            yield literal


def texts_in_script(source: str) -> Iterator[str]:
    """Literals of a script that read like a sentence: scripts get their words from the page."""
    code = re.sub(r"//.*|/\*.*?\*/", "", source, flags=re.S if "/*" in source else 0)
    for _quote, literal in re.findall(r"""(["'`])((?:(?!\1).)*)\1""", code):
        if re.match(r"[A-Z][a-z]+ [a-z]", literal):
            yield literal


# --- code ----------------------------------------------------------------------------------------

# Names of arguments, of context variables and of attributes that are read by people.
SHOWN_NAMES: Final = frozenset(
    {
        "caption",
        "description",
        "detail",
        "empty_label",
        "empty_value_display",
        "heading",
        "help_text",
        "index_title",
        "label",
        "lead",
        "note",
        "placeholder",
        "sentence",
        "short_description",
        "site_header",
        "site_title",
        "subject",
        "submit_label",
        "text",
        "title",
        "verbose_name",
        "verbose_name_plural",
        "words",
    }
)
ERRORS: Final = frozenset(
    {
        "Busy",
        "Conflict",
        "DomainError",
        "FigureError",
        "Invalid",
        "NotAllowed",
        "PermissionDenied",
        "ValidationError",
    }
)


def _words(node: ast.expr) -> str:
    """The literal text of an expression; '' when it is none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_words(value) or "…" for value in values)
        case ast.BinOp(left=left, right=right):
            return _words(left) or _words(right)
        case ast.IfExp(body=body, orelse=orelse):
            return _words(body) or _words(orelse)
        case ast.BoolOp(values=values):
            return " ".join(filter(None, map(_words, values)))
    return ""


def _shown(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions of a node that end up before people's eyes."""
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            yield from (k.value for k in keywords if k.arg in SHOWN_NAMES)
            if isinstance(func, ast.Attribute) and ast.unparse(func.value) == "messages":
                yield from args[1:]
            elif _last_name(func) in ERRORS:
                yield from args[:2]
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value in SHOWN_NAMES:
                    yield value
        case ast.Assign(targets=targets, value=value):
            if any(_last_name(target) in SHOWN_NAMES for target in targets):
                yield value
        case ast.ClassDef(bases=bases, body=body):
            if any(_last_name(base).endswith("Choices") for base in bases):
                for line in body:
                    if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                        yield line.value.elts[-1]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def texts_in_code(tree: ast.AST) -> Iterator[str]:
    """Literals that people read and that no gettext function was called for, with their lines."""
    for node in ast.walk(tree):
        for expression in _shown(node):
            words = _words(expression)
            if WORDS.search(words):
                yield f"{expression.lineno}: {words}"


def gettext_misused(tree: ast.AST) -> Iterator[str]:
    """Calls that translate too early (while a module is imported) or what no catalogue can hold.

    A text put together before the call is in no catalogue, and a text translated at import
    speaks the language of the process for ever.
    """
    now: set[str] = set()
    later: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for alias in node.names:
                if "gettext" in alias.name and "noop" not in alias.name:
                    names = later if alias.name.endswith("_lazy") else now
                    names.add(alias.asname or alias.name)
    yield from _misused(tree, now, now | later, called=False)


def _misused(parent: ast.AST, now: set[str], every: set[str], *, called: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in now and not called:
                yield f"{node.lineno}: translated at import: {ast.unparse(node)}"
            texts = node.args[: 2 if name.startswith("ngettext") else 1]
            if name in every and not all(isinstance(text, ast.Constant) for text in texts):
                yield f"{node.lineno}: in no catalogue: {ast.unparse(node)}"
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _misused(node, now, every, called=called or inside)


def constants(tree: ast.AST, pattern: re.Pattern[str]) -> Iterator[str]:
    """String constants of a module, docstrings apart, that match as a whole."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if pattern.fullmatch(text):
                yield text


def error_codes(tree: ast.AST) -> Iterator[str]:
    """The codes of the domain errors a module raises."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=[ast.Constant(value=str(code)), *_]):
                if _last_name(func) in ERRORS:
                    yield code
