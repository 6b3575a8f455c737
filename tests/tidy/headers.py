"""Every header compiles alone. Remembers by content what compiled, so that a rerun is fast."""

import concurrent.futures
import hashlib
import os
import re
import subprocess

from sources import ROOT, cpp_files

INCLUDE_DIRS = ("include", "dataplane", ".")
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror")
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
