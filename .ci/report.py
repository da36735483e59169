"""Adds up the test reports of a build; a failure, or a skipped test that .ci/skipped.txt does not name, fails it.

Maven's own status comes as the first argument: it is failed on, whatever was counted.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PATTERNS = ("**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml",
            "**/target/test-reports/**/TEST-*.xml")


def main(maven_status: int) -> int:
    allowed = {line.split("#")[0].strip() for line in Path(".ci/skipped.txt").read_text().splitlines()} - {""}
    passed, failed, skipped = 0, [], []
    for report in sorted({path for pattern in PATTERNS for path in Path(".").glob(pattern)}):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(name)
            elif case.find("skipped") is not None:
                skipped.append(name)
            else:
                passed += 1
    unlisted = [name for name in skipped if name not in allowed]
    for name in failed:
        print(f"failed: {name}")
    for name in unlisted:
        print(f"skipped without being listed in .ci/skipped.txt: {name}")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if maven_status or failed or unlisted or not passed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
