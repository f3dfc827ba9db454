"""The program: ``python -m acm_etl`` and ``acm-etl``."""

from __future__ import annotations

import sys

try:
    from acm_etl.cli import main
except KeyboardInterrupt:
    # Ctrl-C in the first tenth of a second, before ``main`` can answer it: a traceback would look like a defect. Here
    # and not in ``acm_etl.cli``: only the program may end the process.
    sys.stderr.write("error: interrupted; run the command again\n")
    sys.exit(130)

if __name__ == "__main__":
    main(prog_name="acm-etl")
