"""The command `python -m distinctions646.verify`."""

import sys

from distinctions646.verify.verifying import main

if __name__ == "__main__":
    sys.exit(main())
