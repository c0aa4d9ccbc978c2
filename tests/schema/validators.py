"""Three validators beside each other, asked in JSON lines (pairs.c): ours, ajv, @hyperjump/json-schema. Helps the tests here."""
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("CORDWAIN_BUILD", ROOT / "build"))


def run(command, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}"
    return done.stdout.splitlines()


def install():
    mark = HERE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
        subprocess.run(["npm", "--prefix", str(HERE), "ci", "--no-audit", "--no-fund"], check=True, capture_output=True)


def both(lines):
    """Per line ours and each peer's verdicts."""
    asked = [line for line in lines if "refs" not in line]
    ours = run([BUILD / "tests/schema/schema_pairs"], lines)
    peers = [line.split(" ") for line in run(["node", HERE / "peers.mjs"], lines)]
    assert len(ours) == len(peers) == len(asked), f"{len(asked)} asked, {len(ours)} and {len(peers)} answers"
    return zip(asked, ours, *zip(*peers))
