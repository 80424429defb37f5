"""Runs pkilint's programs without starting Python for each: a line of standard input has a program's name and its arguments,
as a JSON array; a line of standard output has the report."""

import contextlib
import io
import json
import sys

from pkilint.bin import lint_crl, lint_pkix_cert, lint_pkix_signer_signee_cert_chain

PROGRAMS = {
    program.__name__.rsplit(".", 1)[-1]: program.main
    for program in (lint_crl, lint_pkix_cert, lint_pkix_signer_signee_cert_chain)
}

# What it cannot read it reports on standard error only.
UNREADABLE = json.dumps({"results": [{"finding_descriptions": [{"severity": "FATAL", "code": "unreadable"}]}]})

for line in sys.stdin:
    name, *arguments = json.loads(line)
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        PROGRAMS[name](arguments)
    print(report.getvalue().strip() or UNREADABLE, flush=True)
