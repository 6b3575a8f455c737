"""Every header compiles alone. The build has shown it for one that a source includes before all else;
the others are compiled here. Remembers by content what compiled, so that a rerun is fast."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess

from sources import ROOT, cpp_files, without

INCLUDE_DIRS = ("include", "dataplane", ".")
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
QUOTED = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def resolve(name):
    return next((ROOT / top / name for top in INCLUDE_DIRS if (ROOT / top / name).is_file()), None)


def closure(path, seen):
    """`path` and every file of ours that it includes, directly or not."""
    if path in seen:
        return seen
    seen.add(path)
    for name in QUOTED.findall(path.read_text(encoding="utf-8")):
        target = resolve(name)
        if target is not None:
            closure(target, seen)
    return seen


def leading_header(source):
    """The header of ours that `source` includes before anything else; None where there is none."""
    text = source.read_text(encoding="utf-8")
    first = INCLUDE.search(text)
    if not first or first[1] == "<" or without(text[:first.start()]).strip():
        return None
    beside = source.parent / first[2]
    return beside if beside.is_file() else resolve(first[2])


def proven_by_the_build(build_dir):
    """Leading headers whose object is there and no older than anything that it was made of. The
    build's warnings are ours, and errors, too."""
    proven = set()
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        made = pathlib.Path(entry["directory"]) / entry["output"]
        header = leading_header(source) if source.is_relative_to(ROOT) else None
        if header and made.is_file():
            parts = closure(source, set())
            if max(part.stat().st_mtime for part in parts) <= made.stat().st_mtime:
                proven.add(header)
    return proven


def compiler_arguments(cpu):
    dpdk = subprocess.run(["pkg-config", "--cflags", "libdpdk"], capture_output=True, text=True)
    system = [re.sub("^-I", "-isystem", flag) for flag in dpdk.stdout.split()]
    return ["g++", "-std=c++20", *WARNINGS, *system, f"-march={cpu}",
            *(f"-I{ROOT / top}" for top in INCLUDE_DIRS), "-fsyntax-only", "-x", "c++"]


def key_of(header, arguments):
    digest = hashlib.sha256("\0".join(arguments).encode())
    for path in sorted(closure(header, set())):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def compiles_alone(header, arguments, cache):
    """The compiler's complaint, or None. The header is named by -include, so it is no main file."""
    stamp = cache / key_of(header, arguments)
    if stamp.exists():
        return None
    done = subprocess.run([*arguments, "-include", str(header), "/dev/null"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return f"{header.relative_to(ROOT)} does not compile alone:\n{done.stderr[:2000]}"
    stamp.touch()
    return None


def check_headers(headers, cpu, cache):
    cache.mkdir(parents=True, exist_ok=True)
    arguments = compiler_arguments(cpu)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda header: compiles_alone(header, arguments, cache), headers)
        return [complaint for complaint in results if complaint]


def our_headers():
    return [ROOT / path for path in cpp_files("include", "dataplane", "control")
            if path.endswith(".hpp")]
