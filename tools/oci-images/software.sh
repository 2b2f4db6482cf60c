# shellcheck shell=sh disable=SC2154
# Sourced: nginx, PostgreSQL, Redis and a Node service of Debian as images on one base layer, configured as the images of Docker Hub are.

SUITE=bookworm

software_images() {
  private_apt "$work/apt" $SUITE
  base_image
  nginx_image
  redis_image
  postgres_image
  node_image
}

base_image() {
  image library.debian_1
  fetch_packages base-files base-passwd dash coreutils findutils grep sed libc-bin gosu
  base_packages=$(fetched)
  merged_root
  unpack_fetched "$root"
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  mkdir "$work/users"
  cp "$root/etc/passwd" "$root/etc/group" "$work/users"
  slim
  layer
  config --config.cmd /bin/sh --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

# A root whose packages may still say /lib.
merged_root() {
  fresh
  for directory in bin sbin lib lib64; do
    mkdir -p "$root/usr/$directory"
    ln -s "usr/$directory" "$root/$directory"
  done
}

# What no server reads.
slim() {
  rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/info" "$root/usr/share/lintian" \
    "$root/usr/share/perl" "$root/usr/share/bug" "$root/usr/lib/systemd" "$root/etc/init.d" "$root/etc/logrotate.d"
}

# software NAME_TAG PACKAGE...: an image on the base, and in $root what the packages add to it.
software() {
  based_on "$1" library.debian_1
  shift
  fetch_packages "$@"
  # shellcheck disable=SC2086
  rm -f $base_packages
  merged_root
  unpack_fetched "$root"
  slim
}

nginx_image() {
  software library.nginx_1 nginx-light
  mkdir -p "$root/usr/share/nginx/html" "$root/var/log/nginx"
  echo '<h1>Welcome to nginx</h1>' | put 0644 0:0 usr/share/nginx/html/index.html
  # As in Docker Hub's: logs are the container's output.
  ln -sf /dev/stdout "$root/var/log/nginx/access.log"
  ln -sf /dev/stderr "$root/var/log/nginx/error.log"
  put 0644 0:0 etc/nginx/nginx.conf <<'END'
user www-data;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /var/run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  access_log /var/log/nginx/access.log;
  server { listen 80; location / { root /usr/share/nginx/html; index index.html; } }
}
END
  put 0755 0:0 docker-entrypoint.sh <<'END'
#!/bin/sh
set -e
echo "$0: ready for start up"
exec "$@"
END
  layer
  config --config.entrypoint /docker-entrypoint.sh --config.cmd nginx --config.cmd -g --config.cmd 'daemon off;' --config.exposedports 80/tcp --config.stopsignal SIGQUIT
}

redis_image() {
  software library.redis_7 redis-server
  mkdir "$root/data"
  user_beside_base redis 999
  chown 999:999 "$root/data"
  put 0755 0:0 usr/local/bin/docker-entrypoint.sh <<'END'
#!/bin/sh
set -e
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec gosu redis "$0" "$@"
fi
exec "$@"
END
  layer
  config --config.entrypoint docker-entrypoint.sh --config.cmd redis-server --config.cmd --protected-mode --config.cmd no \
    --config.workingdir /data --config.volume /data --config.exposedports 6379/tcp
}

postgres_image() {
  software library.postgres_15 postgresql-15
  # The compiler of queries and Perl are most of what the package needs, and the server starts without both.
  rm -rf "$root"/usr/lib/x86_64-linux-gnu/libLLVM* "$root"/usr/lib/llvm* "$root"/usr/lib/postgresql/15/lib/llvmjit* \
    "$root"/usr/lib/postgresql/15/lib/bitcode "$root"/usr/lib/x86_64-linux-gnu/perl* "$root"/usr/bin/perl* "$root"/usr/lib/x86_64-linux-gnu/libperl* "$root"/usr/lib/x86_64-linux-gnu/libz3*
  mkdir -p "$root/var/lib/postgresql/data"
  user_beside_base postgres 998
  chown 998:998 "$root/var/lib/postgresql/data" "$root/var/lib/postgresql"
  put 0755 0:0 usr/local/bin/docker-entrypoint.sh <<'END'
#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 0700 "$PGDATA"
  chown postgres:postgres "$PGDATA" /var/run/postgresql
  exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is not set}" >/tmp/password
  initdb --username=postgres --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8
  rm /tmp/password
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec "$@"
END
  layer
  config --config.entrypoint docker-entrypoint.sh --config.cmd postgres --config.cmd -c --config.cmd 'listen_addresses=*' \
    --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin --config.env LANG=C.UTF-8 \
    --config.env PGDATA=/var/lib/postgresql/data --config.volume /var/lib/postgresql/data --config.exposedports 5432/tcp --config.stopsignal SIGINT
}

node_image() {
  software services.hello_1 nodejs
  rm -rf "$root/usr/include"
  put 0644 0:0 app/server.js <<'END'
const { hostname } = require('node:os');
require('node:http')
  .createServer((request, response) => response.end(`hello from node ${process.version} as ${process.getuid()} in ${process.cwd()} on ${hostname()}\n`))
  .listen(3000);
END
  layer
  config --config.cmd node --config.cmd server.js --config.workingdir /app --config.user 1000 --config.exposedports 3000/tcp --config.env NODE_ENV=production
}

# user_beside_base NAME ID: the base's users, and this one.
user_beside_base() {
  cp "$work/users/passwd" "$work/users/group" "$root/etc"
  echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >>"$root/etc/passwd"
  echo "$1:x:$2:" >>"$root/etc/group"
}
