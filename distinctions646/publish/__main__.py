"""The command `python -m distinctions646.publish`."""

import sys

from distinctions646.publish.pushing import main

if __name__ == "__main__":
    sys.exit(main())
