#!/bin/sh
# Runs a command beside a throwaway PostgreSQL: with-postgres.sh CMD...
# The cluster lives in a temporary folder, listens on a free port of this machine only, and is gone afterwards, also when
# the command fails or is interrupted. The command finds it in QUELL_TEST_POSTGRES, and its exit code is ours.
set -eu

[ $# -gt 0 ] || { echo "usage: with-postgres.sh COMMAND..." >&2; exit 64; }

# The newest that is installed; Debian keeps several beside each other and off the PATH.
bin=
for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V); do
  [ -x "$folder/initdb" ] && bin=$folder
done
if [ -z "$bin" ] && command -v initdb >/dev/null 2>&1; then
  bin=$(dirname "$(command -v initdb)")
fi
[ -n "$bin" ] || { echo "no PostgreSQL server here; install it: apt-get install postgresql" >&2; exit 69; }

# PostgreSQL refuses to run as root.
owner=
if [ "$(id -u)" = 0 ]; then
  owner=postgres
  id "$owner" >/dev/null 2>&1 || owner=nobody
fi
as_owner() {
  if [ -n "$owner" ]; then
    setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@"
  else
    "$@"
  fi
}

home=$(mktemp -d "${TMPDIR:-/tmp}/quell-postgres.XXXXXX")
server=
command_pid=

# The postmaster's own pid, and nothing found by name: another cluster of this machine is not ours to stop.
put_away() {
  trap - EXIT INT TERM HUP
  if [ -n "$command_pid" ]; then kill "$command_pid" 2>/dev/null || true; fi
  # Interrupted while it was starting: its own folder knows it.
  if [ -z "$server" ] && [ -f "$home/data/postmaster.pid" ]; then
    server=$(head -n 1 "$home/data/postmaster.pid")
  fi
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
    kill -INT "$server" 2>/dev/null || true
    tries=0
    while kill -0 "$server" 2>/dev/null && [ "$tries" -lt 100 ]; do
      sleep 0.1
      tries=$((tries + 1))
    done
    kill -QUIT "$server" 2>/dev/null || true
  fi
  rm -rf "$home"
}
trap put_away EXIT
trap 'put_away; exit 130' INT
trap 'put_away; exit 143' TERM HUP

chmod 711 "$home"
[ -z "$owner" ] || chown "$owner" "$home"
cd "$home"

if ! as_owner "$bin/initdb" -D "$home/data" -U quell -A trust -E UTF8 --locale=C --no-sync >"$home/initdb.log" 2>&1; then
  cat "$home/initdb.log" >&2
  exit 70
fi

# With a certificate of an authority of its own, made out to `localhost` and not to 127.0.0.1, the server also speaks TLS;
# QUELL_TEST_POSTGRES_CA names the authority.
tls=off
if command -v openssl >/dev/null 2>&1; then
  (
    umask 077
    mkdir "$home/tls"
    cd "$home/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=authority" \
      -keyout authority.key -out authority.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
      -keyout server.key -out server.csr
    echo "subjectAltName=DNS:localhost" >names
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -set_serial 1 -days 2 -extfile names \
      -out server.pem
  ) >"$home/tls.log" 2>&1 && tls=on
  [ -z "$owner" ] || chown -R "$owner" "$home/tls"
fi

# Nobody else holds the port between asking and listening? Then the start fails and the next one is tried.
ready=
for port in $(awk 'BEGIN { srand(); for (i = 0; i < 20; i++) print 20000 + int(rand() * 30000) }'); do
  # No fsync: the machine that loses power loses this cluster with it anyway.
  if as_owner "$bin/pg_ctl" -D "$home/data" -w -s -t 60 -l "$home/server.log" \
    -o "-c ssl=$tls -c ssl_cert_file='$home/tls/server.pem' -c ssl_key_file='$home/tls/server.key' -p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$home' -c fsync=off -c max_connections=200" \
    start >/dev/null 2>&1; then
    ready=$port
    break
  fi
done
if [ -z "$ready" ]; then
  cat "$home/server.log" >&2
  exit 70
fi
server=$(head -n 1 "$home/data/postmaster.pid")

cd "$OLDPWD"
# The program refuses to serve from a cluster without fsync; this one is to be thrown away.
export QUELL_UNSAFE_DATABASE=1
export QUELL_TEST_POSTGRES="postgres://quell@127.0.0.1:$ready/postgres"
[ "$tls" = off ] || export QUELL_TEST_POSTGRES_CA="$home/tls/authority.pem"
code=0
"$@" &
command_pid=$!
wait "$command_pid" || code=$?
command_pid=
exit "$code"
