"""What the structure tests share: the C files of the project and the TAP-like lines. Python 3 standard library only."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = ("http", "jsonschema", "catalog", "configure", "exchange", "preview", "orders", "manufacturing", "store")
failures = 0


def files(*folders, suffixes=(".c", ".h")):
    """Source files under the folders, in a fixed order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*")
                  if path.suffix in suffixes and path.is_file())


def tracked():
    """Every file git knows and has; without git (a release archive) every file outside build folders."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not path.relative_to(ROOT).parts[0].startswith("build")]
    return [path for path in paths if path.is_file()]


def name(path):
    return str(path.relative_to(ROOT))


def without_comments(text, strings=True):
    """C text with comments (and, if asked, the insides of strings) blanked; line numbers stay."""
    out, i, n = [], 0, len(text)
    while i < n:
        two = text[i:i + 2]
        if two in ("/*", "//"):
            end = text.find("*/" if two == "/*" else "\n", i + 2)
            end = n if end < 0 else end + (2 if two == "/*" else 0)
            out.append("".join(c if c == "\n" else " " for c in text[i:end]))
            i = end
        elif text[i] in "\"'":
            end = i + 1
            while end < n and text[end] != text[i] and text[end] != "\n":
                end += 2 if text[end] == "\\" else 1
            body = text[i + 1:end]
            out.append(text[i] + (body if strings else " " * len(body)) + text[end:end + 1])
            i = end + 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def report(title, problems):
    """One case; each problem is a line below it."""
    global failures
    if not problems:
        print(f"ok - {title}")
        return
    failures += 1
    print(f"not ok - {title}: {len(problems)} found")
    for problem in problems:
        print(f"    {problem}")


def end():
    sys.exit(1 if failures else 0)
