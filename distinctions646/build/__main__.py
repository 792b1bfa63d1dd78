"""The command `python -m distinctions646.build`."""

import sys

from distinctions646.build.building import main

if __name__ == "__main__":
    sys.exit(main())
