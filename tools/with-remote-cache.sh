#!/bin/sh
# with-remote-cache.sh COMMAND…: runs it with the remote cache at $REMOTE_CACHE_URL, behind the fail-open relay of
# docs/decisions/0006, so that a cache that is broken, slow or lying costs a build and never fails one. Without an
# address (a fork's pull request, a repository that has none) it just runs the command.
# NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN, if there is one, is the token.
set -eu
if [ -z "${REMOTE_CACHE_URL:-}" ]; then
  echo 'no remote cache: REMOTE_CACHE_URL is empty' >&2
  exec "$@"
fi
# A secret that a workflow may not see is an empty one.
[ -n "${NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN:-}" ] || unset NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN
exec node --import @swc-node/register/esm-register packages/cache-server/src/main.ts relay --upstream "$REMOTE_CACHE_URL" -- "$@"
