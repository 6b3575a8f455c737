"""The files that the rules look at, and C++ text without its comments and strings."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PURE_FOLDERS = ("base", "wire", "time", "table", "tcp", "ip", "stack")


def tracked_files():
    """Paths relative to the root: what git tracks, or everything where this is no checkout."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT,
                                check=True, capture_output=True, text=True).stdout.split("\0")
        return sorted(path for path in listed if path and (ROOT / path).is_file())
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                  if path.is_file() and "build" not in path.relative_to(ROOT).parts[0])


def cpp_files(*tops):
    return [path for path in tracked_files()
            if path.endswith((".hpp", ".cpp", ".def")) and path.split("/")[0] in tops]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'", re.DOTALL)


def without(text, comments=True, strings=True):
    """The same text, same line numbers, with comments and literals blanked."""
    def blank(match):
        token = match.group(0)
        is_comment = token.startswith("/")
        if not (comments if is_comment else strings):
            return token
        return re.sub(r"[^\n]", " ", token)
    return TOKEN.sub(blank, text)


def lines_with(pattern, text):
    """(line number, line) wherever `pattern` is found."""
    return [(number, line) for number, line in enumerate(text.splitlines(), 1)
            if re.search(pattern, line)]
