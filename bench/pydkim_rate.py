# SPDX-License-Identifier: Apache-2.0
"""How many messages a second of processor time python3-dkim verifies. For bench/auth, by Debian's own Python.

stdin: a line of the key's name, a tab and its record, then the message. Argument: seconds. Prints the rate.
"""
import sys
import time

import dkim


def main():
    first, message = sys.stdin.buffer.read().split(b"\n", 1)
    record = first.split(b"\t")[1]
    end = float(sys.argv[1])
    begun = time.process_time()
    count = 0
    while time.process_time() - begun < end:
        if not dkim.verify(message, dnsfunc=lambda name, timeout=5: record):
            sys.exit("the signature is not good")
        count += 1
    print(count / (time.process_time() - begun))


if __name__ == "__main__":
    main()
