"""``python -m acm_etl`` is ``acm-etl``."""

from acm_etl.cli import main

if __name__ == "__main__":
    main(prog_name="acm-etl")
