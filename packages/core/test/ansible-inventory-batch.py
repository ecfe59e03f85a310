"""Runs many inventories through Ansible's own program and prints what it said as JSON.

Standard input: {"cases": [{"directory": ..., "arguments": [...]}], "literals": [...],
"words": [...], "addresses": [...], "ranges": [...], "documents": [...]}.
Importing Ansible takes most of its start, so each case is a fork of this process that runs
the program's own entry point with its own arguments, in its own directory.
"""

import ast
import gc
import json
import os
import shlex
import sys
import tempfile
import warnings

os.environ["ANSIBLE_INVENTORY_ENABLED"] = "host_list,script,yaml,ini"
os.environ["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "True"
os.environ["ANSIBLE_NOCOLOR"] = "True"
warnings.simplefilter("ignore")

from ansible.cli.inventory import InventoryCLI  # noqa: E402
from ansible.parsing.ajson import AnsibleJSONEncoder  # noqa: E402
from ansible.parsing.utils.addresses import parse_address  # noqa: E402
from ansible.parsing.utils.yaml import from_yaml  # noqa: E402
from ansible.utils.context_objects import GlobalCLIArgs  # noqa: E402
from ansible.plugins.inventory import expand_hostname_range  # noqa: E402
from ansible.plugins.loader import inventory_loader, vars_loader  # noqa: E402

# Found once here instead of in each fork.
for name in ("host_list", "script", "yaml", "ini"):
    inventory_loader.get(name)
list(vars_loader.all())


def run_program(case, output):
    """The child: never returns."""
    os.chdir(case["directory"])
    os.dup2(output[0].fileno(), 1)
    os.dup2(output[1].fileno(), 2)
    arguments = ["ansible-inventory"] + case["arguments"]
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


def text_of(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def warm_up():
    """What the program imports at its first use is then there in every child."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile() as nowhere:
        for name, text in (("ini", "h1 a=1\n"), ("yaml.yml", "web:\n  hosts:\n    h1:\n"), ("host_vars/h1.yml", "a: 1\n")):
            os.makedirs(os.path.dirname(os.path.join(directory, name)), exist_ok=True)
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        kept = os.dup(1), os.dup(2)
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        sys.argv = ["ansible-inventory", "--list", "-i", directory + "/ini", "-i", directory + "/yaml.yml"]
        try:
            InventoryCLI.cli_executor(sys.argv)
        except SystemExit:
            pass
        # The options of the first run are kept for good otherwise.
        GlobalCLIArgs._Singleton__instance = None
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)


def start(case):
    files = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        run_program(case, files)
    return child, files


def read_inventories(cases):
    """As many at a time as there are processors."""
    answers = [None] * len(cases)
    running = {}
    warm_up()
    # What is kept out of the collector is not copied into each child.
    gc.collect()
    gc.freeze()
    for index, case in enumerate(cases):
        child, files = start(case)
        running[child] = index, files
        if len(running) == (os.cpu_count() or 1):
            finish(running, answers)
    while running:
        finish(running, answers)
    return answers


def finish(running, answers):
    child, status = os.wait()
    index, (printed, warned) = running.pop(child)
    answers[index] = {"status": os.waitstatus_to_exitcode(status), "printed": text_of(printed), "said": text_of(warned)}
    printed.close()
    warned.close()


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
        "cases": read_inventories(request["cases"]),
        "literals": [attempt(literal, text) for text in request["literals"]],
        "words": [attempt(lambda line: shlex.split(line, comments=True), line) for line in request["words"]],
        "addresses": [attempt(parse_address, text, True) for text in request["addresses"]],
        "documents": [attempt(document, text) for text in request["documents"]],
        "ranges": [attempt(expand_hostname_range, text) for text in request["ranges"]],
    }
    json.dump(answer, sys.stdout)


main()
