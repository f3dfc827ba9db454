#!/usr/bin/env bash
# Fetches Microsoft's T-SQL parser (ScriptDom, as the mssql-cli wheel carries it) and builds check.cs against it, into
# build/scriptdom. Nothing of it is committed: the library carries Microsoft's terms. Needs Debian's mono; as root (or
# with sudo) it installs what is missing. Takes about a minute and 70 MB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=${ACM_SCRIPTDOM:-$here/../../build/scriptdom}
mkdir -p "$place"
cd "$place"
[ check.exe -nt "$here/check.cs" ] && [ -e netstandard.dll ] && { echo "the parser is there: $place"; exit 0; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if ! command -v mono >/dev/null || ! command -v mcs >/dev/null; then
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mono-runtime mono-mcs >/dev/null
fi

if [ ! -e Microsoft.SqlServer.TransactSql.ScriptDom.dll ]; then
  python=$here/../../.venv/bin/python
  [ -x "$python" ] || python=python3
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform manylinux1_x86_64 --dest . mssql-cli==1.0.0
  echo "edb3850ab8ffa077c64270f27263f6377fdb5bd5bb5c5b4990c5fb08f49627b6  mssql_cli-1.0.0-py2.py3-none-manylinux1_x86_64.whl" | sha256sum --check --quiet
  "$python" - <<'PY'
import zipfile
from pathlib import Path

wheel = Path("mssql_cli-1.0.0-py2.py3-none-manylinux1_x86_64.whl")
name = "Microsoft.SqlServer.TransactSql.ScriptDom.dll"
with zipfile.ZipFile(wheel) as packed:
    Path(name).write_bytes(packed.read(f"mssqlcli/mssqltoolsservice/bin/{name}"))
wheel.unlink()
PY
fi

if [ ! -e netstandard.dll ]; then # of mono-devel (which wants 160 packages more) only the façades
  rm -f mono-devel_*.deb
  apt-get download -qq mono-devel
  dpkg-deb --fsys-tarfile mono-devel_*.deb | tar x --wildcards --strip-components=6 './usr/lib/mono/4.5/Facades/*.dll'
  rm -f mono-devel_*.deb
fi

mcs -out:check.exe -r:Microsoft.SqlServer.TransactSql.ScriptDom.dll -r:netstandard.dll "$here/check.cs"
echo "the parser is ready: $place"
