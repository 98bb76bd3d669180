#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of the tree that the compiler does not check. STYLE.md says why each of them exists.

Prints `file:line: message` for every violation; a message says what to do instead.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A folder may include itself and what stands left of it.
FOLDERS = ["base", "chain", "market", "rpc", "wallet", "provider", "node"]
CONSENSUS = ["base", "chain", "market"]
FILE_LINES, FUNCTION_LINES, COLUMNS = 400, 70, 100
SPDX = "SPDX-License-Identifier: Apache-2.0"

# Headers of a library, where they may be included, and what to include instead.
DOORS = [
    (r"rocksdb/", r"(chain/(store|database)|tests/sim/sim_env)", "chain/store.hpp"),
    (r"boost/(beast|asio)[/.]", r"(rpc|bench)/", "rpc/client.hpp or rpc/server.hpp"),
    (r"(openssl/|secp256k1)", r"(base/crypto|bench/)", "base/crypto.hpp"),
    (r"seccomp\.h", r"provider/sandbox", "provider/sandbox.hpp"),
]
# What would make two nodes come to different states, and its replacement.
BANNED = [
    (r"\b(float|double)\b", "floating point; use integers and Quantity::scaled"),
    (r"\b(s?rand|random)\s*\(|\brandom_device\b|\bmt19937", "randomness; use tagged_hash"),
    (r"\bsystem_clock\b|::time\s*\(|\btime\s*\(\s*(0|NULL|nullptr)\s*\)|\bgettimeofday\b"
     r"|\bCLOCK_REALTIME\b", "the wall clock; use the time of the block"),
    (r"\bstd::unordered_", "a hash map whose order differs; use std::map or chain::Table"),
    (r"\bsetlocale\b|\bstd::locale\b|\b(is(alpha|alnum|digit|space|upper|lower|print)"
     r"|to(lower|upper)|strtod|stod|atof|strcoll|strftime)\s*\(",
     "a function that depends on the locale; compare characters"),
]
CASTS = (r"\breinterpret_cast\b", "reinterpret_cast; use as_bytes and as_text of base/bytes.hpp")
MACHINE_PATH = r"(?<![\w./])/(home|root|work)/|(?<![\w./])/tmp/"

problems = []


def problem(path, line, message):
    problems.append(f"{path.relative_to(ROOT)}:{line}: {message}")


def blank(match):
    """As many lines as the match had, and nothing else."""
    return "\n" * match.group().count("\n")


def without_comments(text):
    """The code alone: comments are removed, and the content of texts and characters."""
    text = re.sub(r'R"\((?:.|\n)*?\)"', lambda m: '""' + blank(m), text)
    token = r"//[^\n]*|/\*(?:.|\n)*?\*/|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\])+?'"
    return re.sub(token, lambda m: '""' if m.group()[0] == '"' else blank(m), text)


def check_functions(path, code):
    """Follows the braces: one whose head has parentheses, outside of any other, is a function's."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, code, flags=re.M)
    scope = re.compile(r"\s*(template\s*<[^{]*>\s*)?(inline |typedef |static )?"
                       r"(namespace|class|struct|union|enum|extern)\b")
    head, head_line, line, inner, is_function = "", 1, 1, 0, False
    for char in code:
        line += char == "\n"
        if inner:
            inner += (char == "{") - (char == "}")
            if not inner and is_function and line - head_line + 1 > FUNCTION_LINES:
                problem(path, head_line, f"a function of {line - head_line + 1} lines; at most "
                                         f"{FUNCTION_LINES}, move a part into one with a name")
        elif char == "{" and scope.match(head):
            head = ""
        elif char == "{":
            inner, is_function = 1, "(" in head
        elif char in ";}":
            head = ""
        elif not head.strip():
            head, head_line = char, line
        else:
            head = re.sub(r"\b(public|private|protected)\s*:$", "", head + char)
        if char == "}" and not inner:
            head = ""


def check_includes(path, name, folder, text):
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)', line)
        if not found:
            continue
        quoted, header = found.group(1) == '"', found.group(2)
        other = header.split("/")[0]
        if folder in FOLDERS and quoted:
            if other not in FOLDERS or FOLDERS.index(other) > FOLDERS.index(folder):
                problem(path, number, f"{folder}/ may not include {header}: folders include only "
                                      f"what stands left of them in {' <- '.join(FOLDERS)}")
        for library, door, instead in DOORS:
            allowed = re.match(door, name) or re.match(r"tests/unit/" + door, name)
            if re.match(library, header) and not allowed:
                problem(path, number, f"<{header}> belongs behind its door; include {instead}")


def check_consensus(path, folder, code):
    rules = BANNED + ([CASTS] if folder != "base" else [])
    for number, line in enumerate(code.splitlines(), 1):
        for pattern, message in rules:
            if re.search(pattern, line):
                problem(path, number, f"consensus code must not use {message}")


def check_text(path, name, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES:
        problem(path, FILE_LINES + 1, f"{len(lines)} lines; at most {FILE_LINES}, split by subject")
    if SPDX not in "".join(lines[:2]):
        problem(path, 1, f"the first line must be // {SPDX}")
    is_table = False
    for number, line in enumerate(lines, 1):
        is_table = "clang-format off" in line or (is_table and "clang-format on" not in line)
        if len(line) > COLUMNS and not is_table:
            problem(path, number, f"{len(line)} columns; at most {COLUMNS}, wrap it")
        if re.search(r"\b(TODO|FIXME)\b(?!\(?#\d)", line) and path.name != "tidy.py":
            problem(path, number, "an open end needs an issue: write TODO(#12)")
        # In the sandbox, /tmp is the job's own.
        is_free = name.startswith(("tests/", "provider/sandbox")) or path.name == "tidy.py"
        if not is_free and re.search(MACHINE_PATH, line):
            problem(path, number, "a path of one machine; derive it from the home or a parameter")


def check_source(path):
    name = str(path.relative_to(ROOT))
    folder = name.split("/")[0]
    text = path.read_text(encoding="utf-8")
    check_text(path, name, text)
    if path.suffix == ".py":
        return
    code = without_comments(text)
    check_functions(path, code)
    check_includes(path, name, folder, text)
    if path.suffix == ".hpp" and not re.search(r"^#pragma once$", text, re.M):
        problem(path, 1, "a header needs #pragma once")
    if folder in CONSENSUS:
        check_consensus(path, folder, code)
    if name.startswith("tests/unit/") and name.endswith("_test.cpp"):
        source = ROOT / name.removeprefix("tests/unit/").removesuffix("_test.cpp")
        # store_crash_test.cpp tests an aspect of store.cpp.
        stems = [source, source.with_name(source.name.rpartition("_")[0] or source.name)]
        if not any(stem.is_dir() or stem.with_suffix(".hpp").exists()
                   or stem.with_suffix(".cpp").exists() for stem in stems):
            problem(path, 1, f"mirrors no source: there is no {source.relative_to(ROOT)}.hpp, "
                             ".cpp or folder; name the test after what it tests")


def check_spec(sources):
    """What the code cites is there, and the table of errors is the one of the code."""
    spec = ROOT / "docs" / "spec.md"
    text = spec.read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", text, re.M))
    for path in sources:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for section in re.findall(r"\bSPEC (\d+(?:\.\d+)?)", line):
                if section not in sections:
                    problem(path, number, f"docs/spec.md has no section {section}; cite another")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (malformed|not_yet|failed) \| (.+) \|$", text, re.M)
    table = (ROOT / "market" / "errors.hpp").read_text(encoding="utf-8")
    errors = re.findall(r'X\((\d+), +(\w+), +(\w+), +"(.+)"\)', table)
    for row in sorted(set(rows) ^ set(errors)):
        problem(spec, 1, f"the error table and market/errors.hpp differ in {row[0]} {row[1]}")


def main():
    sources = sorted(path for folder in FOLDERS + ["tests", "bench", "scripts"]
                     for path in (ROOT / folder).rglob("*")
                     if path.suffix in (".cpp", ".hpp", ".py"))
    for path in sources:
        check_source(path)
    check_spec([path for path in sources if path.suffix != ".py"])
    print("\n".join(problems + [f"{len(problems)} problems in {len(sources)} files"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
