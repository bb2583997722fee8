#!/usr/bin/python3
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
"""metrics.py FILE: tells what of it is not as Prometheus has it: its own parser's opinion, and that of its conventions."""
import re
import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
wrong = [] if text.endswith("\n") else ["the last line has no end"]
names = set()
for family in text_string_to_metric_families(text):
    if family.name in names:
        wrong.append(f"{family.name} is there twice")
    names.add(family.name)
    if not family.documentation or family.type == "unknown" or not family.samples:
        wrong.append(f"{family.name} has no help, type or sample")
    if not re.fullmatch(r"bpfcmpd_[a-z_]+", family.name):
        wrong.append(f"{family.name} is no name of ours")
    seen = set()
    for sample in family.samples:
        which = sample.name, tuple(sorted(sample.labels.items()))
        if which in seen:
            wrong.append(f"{which} is there twice")
        seen.add(which)
        if family.type == "counter" and not sample.name.endswith("_total"):
            wrong.append(f"{sample.name} is a counter")
        if family.type != "counter" and sample.name.endswith("_total"):
            wrong.append(f"{sample.name} is no counter")
        if "time" in sample.name and "_seconds" not in sample.name:
            wrong.append(f"{sample.name} has no unit")
print("\n".join(wrong))
sys.exit(bool(wrong) or len(names) < 8)
