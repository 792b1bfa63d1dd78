"""The command `python -m distinctions646.audit`."""

import sys

from distinctions646.audit.auditing import main

if __name__ == "__main__":
    sys.exit(main())
