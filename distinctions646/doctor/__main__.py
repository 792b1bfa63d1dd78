"""The command `python -m distinctions646.doctor`."""

import sys

from distinctions646.doctor.examining import main

if __name__ == "__main__":
    sys.exit(main())
