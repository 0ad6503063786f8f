#!/bin/sh
# Exports this checkout and lets Windmill's own CLI push it. With --dry-run it only shows what would change.
# Needs WINDMILL_API_URL, WINDMILL_API_KEY and WINDMILL_WORKSPACE, `make setup`, and wmill on PATH.
set -eu
: "${WINDMILL_API_URL:?}" "${WINDMILL_API_KEY:?}" "${WINDMILL_WORKSPACE:?}"
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/.venv/bin/mlops" sync export "$work/tree" --owner "${WINDMILL_FOLDER_OWNER:-u/admin}"

# By the environment and not by options: the list of processes is no place for a token.
export WM_TOKEN="$WINDMILL_API_KEY" WM_WORKSPACE="$WINDMILL_WORKSPACE"
export BASE_INTERNAL_URL="${WINDMILL_API_URL%/api}" WMILL_CONFIG_DIR="$work/config"
mkdir "$work/config"
cd "$work/tree"
wmill sync push --yes "$@" </dev/null
