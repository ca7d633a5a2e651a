# SPDX-License-Identifier: Apache-2.0
"""Runs the *_test.py files of a folder in a laboratory, with one line a test and a summary line for ./test."""

import sys
import time
import unittest

from lib import lab, roots


class Result(unittest.TextTestResult):
    """One line a test, with its time; failures in full at the end."""

    def __init__(self, stream, descriptions, verbosity, **options):
        super().__init__(stream, descriptions, verbosity, **options)
        self.showAll = self.dots = False
        self.passed = 0
        self.subtests = 0

    def startTest(self, test):
        super().startTest(test)
        self._began = time.monotonic()

    def _tell(self, word, test, detail=""):
        self.stream.writeln(f"  {word:5} {time.monotonic() - self._began:6.1f} s  {test.id()}{detail}")
        self.stream.flush()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self._tell("ok", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._tell("FAIL", test, f": {error[1]}"[:200].replace("\n", " "))

    def addError(self, test, error):
        super().addError(test, error)
        self._began = getattr(self, "_began", time.monotonic())
        self._tell("ERROR", test, f": {error[1]}"[:200].replace("\n", " "))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._began = getattr(self, "_began", time.monotonic())
        self._tell("skip", test, f": {reason}")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._tell("FAIL", subtest, f": {error[1]}"[:200].replace("\n", " "))


def suite(folder, names):
    """All tests of the folder, or those named: `file`, `file.Class`, `file.Class.test_x` (the file without _test)."""
    loader = unittest.TestLoader()
    if names:
        known = {file.stem[:-5] for file in folder.glob("*_test.py")}
        for name in names:
            if name.split(".")[0] not in known:
                sys.exit(f"{folder.parent.name}/{folder.name}/run: there is no {name}; there are {', '.join(sorted(known))}")
        wanted = [f"{head}_test{'.' + rest if rest else ''}" for head, _, rest in (name.partition(".") for name in names)]
        return loader.loadTestsFromNames(wanted)
    return loader.discover(str(folder), "*_test.py")


def main(folder, names, peers=()):
    """Runs them; `peers` and what the files name in PEERS are downloaded first, by the machine's own network."""
    roots.CACHE.mkdir(parents=True, exist_ok=True)
    tests = suite(folder, names)
    named = {peer for name, module in list(sys.modules.items()) if name.endswith("_test")
             for peer in getattr(module, "PEERS", ())}
    for peer in sorted({*peers, *named}):
        roots.prepare(peer, (folder.parent / "peers" / peer / "packages").read_text().split())
    lab.enter()
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Result).run(tests)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(1 if failed else 0)
