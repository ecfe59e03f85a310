"""Runs many inventories through Ansible's own program and prints what it said as JSON.

Standard input: {"cases": [{"directory": ..., "sources": [...]}], "literals": [...],
"words": [...], "addresses": [...], "ranges": [...], "documents": [...]}.
Importing Ansible takes most of its start, so each case is a fork of this process that runs
the program's own entry point with its own arguments, in its own directory.
"""

import ast
import json
import os
import shlex
import sys
import tempfile
import warnings

os.environ["ANSIBLE_INVENTORY_ENABLED"] = "ini"
os.environ["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "True"
os.environ["ANSIBLE_NOCOLOR"] = "True"
warnings.simplefilter("ignore")

from ansible.cli.inventory import InventoryCLI  # noqa: E402
from ansible.parsing.ajson import AnsibleJSONEncoder  # noqa: E402
from ansible.parsing.utils.addresses import parse_address  # noqa: E402
from ansible.parsing.utils.yaml import from_yaml  # noqa: E402
from ansible.plugins.inventory import expand_hostname_range  # noqa: E402
from ansible.plugins.loader import inventory_loader, vars_loader  # noqa: E402

# Found once here instead of in each fork.
inventory_loader.get("ini")
list(vars_loader.all())


def run_program(case, output):
    """The child: never returns."""
    os.chdir(case["directory"])
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    arguments = ["ansible-inventory", "--list", "--output", "out.json"]
    for source in case["sources"]:
        arguments += ["-i", source]
    sys.argv = arguments
    status = 1
    try:
        InventoryCLI.cli_executor(arguments)
        status = 0
    except SystemExit as stop:
        status = stop.code or 0
    except BaseException as error:  # a crash of the program counts as its refusal
        print(repr(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def read_inventory(case):
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            run_program(case, output)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    printed = os.path.join(case["directory"], "out.json")
    code = os.waitstatus_to_exitcode(status)
    if code != 0 or not os.path.exists(printed):
        return {"status": code or 1, "said": said}
    with open(printed, encoding="utf-8", errors="replace") as file:
        return {"status": 0, "json": file.read(), "said": said}


def attempt(work, *arguments):
    try:
        return {"value": work(*arguments)}
    except Exception as error:
        return {"error": type(error).__name__}


def literal(text):
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return "text"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    try:
        printed = json.dumps(value, sort_keys=False, ensure_ascii=False)
        printed.encode("utf-8")
        return ["json", printed]
    except (TypeError, UnicodeEncodeError):
        return "not for JSON"


def document(text):
    value = from_yaml(text) or {}
    if not isinstance(value, dict):
        raise ValueError("Ansible fails to merge it")
    try:
        printed = json.dumps(value, cls=AnsibleJSONEncoder, preprocess_unsafe=True, ensure_ascii=False)
        printed.encode("utf-8")
        return ["json", printed]
    except (TypeError, UnicodeEncodeError):
        return "not for JSON"


def main():
    request = json.load(sys.stdin)
    answer = {
        "cases": [read_inventory(case) for case in request["cases"]],
        "literals": [attempt(literal, text) for text in request["literals"]],
        "words": [attempt(lambda line: shlex.split(line, comments=True), line) for line in request["words"]],
        "addresses": [attempt(parse_address, text, True) for text in request["addresses"]],
        "documents": [attempt(document, text) for text in request["documents"]],
        "ranges": [attempt(expand_hostname_range, text) for text in request["ranges"]],
    }
    json.dump(answer, sys.stdout)


main()
