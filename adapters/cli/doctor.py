from adapters.cli.exits import Exit
from adapters.cli.operations import Finding, Operations, Verdict
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import standalone


def _document(finding: Finding) -> dict[str, str]:
    return {"subject": finding.subject, "verdict": finding.verdict, "said": finding.said, "mend": finding.mend}


async def _all(operations: Operations) -> list[Finding]:
    return [finding async for finding in operations.diagnose()]


@standalone("doctor", "relexbooking doctor --json")
def doctor(operations: Operations) -> Answer:
    """Look for what is wrong with this installation, and say the mend. Changes nothing.

    Ends with exit code 1 if something is wrong.
    """
    findings = operations.run(_all(operations))
    wrong = [finding for finding in findings if finding.verdict is Verdict.WRONG]
    table = Table(("", "what", "found", "mend"), [(f.verdict, f.subject, f.said, f.mend) for f in findings])
    said = f"{len(wrong)} things are wrong." if wrong else "Nothing is wrong."
    document = {"healthy": not wrong, "findings": [_document(finding) for finding in findings]}
    return Answer(document, (table, said), Exit.UNEXPECTED if wrong else Exit.OK)
