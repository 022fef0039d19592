# SPDX-License-Identifier: LGPL-2.1-or-later
"""ansible-doc shows each module with all options that it takes, and the collection has gpupass's version.
`documented.py SOURCE_DIR`"""
import importlib
import json
import pathlib
import re
import subprocess
import sys

import yaml

SOURCE = pathlib.Path(sys.argv[1])
NAME = "gpupass.gpupass"
COLLECTION = SOURCE / "tools/ansible/ansible_collections/gpupass/gpupass"
sys.path.insert(0, str(SOURCE / "tools/ansible"))
failures = []


def ansible_doc(*words):
    ran = subprocess.run(["ansible-doc", "-t", "module", *words], capture_output=True, text=True, check=False)
    if ran.returncode or "WARNING" in ran.stderr or "ERROR" in ran.stderr:
        failures.append(f"ansible-doc {' '.join(words)}: {ran.stderr}")
    return ran.stdout


def meaning(option):
    """What counts of an option, in the documentation as in the code."""
    return {key: option.get(key) for key in ("type", "elements", "choices", "default", "required") if option.get(key) not in (None, False)}


modules = sorted(path.stem for path in (COLLECTION / "plugins/modules").glob("*.py"))
documents = json.loads(ansible_doc("-j", *(f"{NAME}.{module}" for module in modules)))
for module in modules:
    document = documents[f"{NAME}.{module}"]
    taken = importlib.import_module(f"ansible_collections.{NAME}.plugins.modules.{module}").arguments()
    written = document["doc"]["options"]
    for option in sorted({*taken, *written}):
        code, words = meaning(taken.get(option, {})), meaning(written.get(option, {}))
        if option not in taken or option not in written or code != words:
            failures.append(f"{module}: {option} is {code} in the code, and {words} in the documentation")
    text = ansible_doc(f"{NAME}.{module}")
    failures += [f"{module}: ansible-doc does not show {option}" for option in taken if not re.search(rf"^- {option}$", text, re.M)]
    if not document["examples"] or not document["return"]:
        failures.append(f"{module}: no examples, or no word of what it returns")

version = re.search(r'define GPUPASS_VERSION "(.*)"', (SOURCE / "include/gpupass/version.hpp").read_text())[1]
if yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["version"] != version:
    failures.append(f"galaxy.yml is not of version {version}")
print("\n".join(failures) or f"{len(modules)} modules are documented")
sys.exit(bool(failures) or not modules)
