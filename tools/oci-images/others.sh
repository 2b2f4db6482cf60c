# shellcheck shell=sh disable=SC2154
# Sourced: images as skopeo, crane and buildah make them, in the registry $TEST_REGISTRY.

make_by_others() {
  by_skopeo
  by_crane
  by_buildah
}

in_registry() { echo "docker://$TEST_REGISTRY/traits/$1:1"; }

skopeo_copy() { skopeo copy -q --src-tls-verify=false --dest-tls-verify=false "$@"; }

by_skopeo() {
  skopeo_copy --dest-compress-format zstd --dest-force-compress-format "$(in_registry user-name)" "$(in_registry zstd)"
  skopeo_copy --format v2s2 "$(in_registry user-name)" "$(in_registry schema2)"
  mkdir "$home/archives"
  skopeo_copy "$(in_registry user-name)" "docker-archive:$home/archives/docker.tar:traits/user-name:1"
  skopeo_copy "$(in_registry user-name)" "oci-archive:$home/archives/oci.tar:1"
}

by_crane() {
  fresh
  echo crane | put 0644 0:0 made-by
  pack "$work/layer.tar" "$root"
  crane append --insecure -b "$TEST_REGISTRY/traits/bare:1" -f "$work/layer.tar" -t "$TEST_REGISTRY/traits/crane:1"
  crane mutate --insecure --label made-by=crane "$TEST_REGISTRY/traits/crane:1" -t "$TEST_REGISTRY/traits/crane:1"
  many_layers
  crane index append --insecure -m "$TEST_REGISTRY/traits/other-machine:1" -m "$TEST_REGISTRY/traits/bare:1" -t "$TEST_REGISTRY/traits/index:1"
}

# As many as Docker allows, one of them of the base.
many_layers() {
  number=2
  set --
  while [ $number -le 127 ]; do
    fresh
    echo $number | put 0644 0:0 "layers/$number"
    echo $number | put 0644 0:0 last
    pack "$work/layer-$number.tar" "$root"
    set -- "$@" -f "$work/layer-$number.tar"
    number=$((number + 1))
  done
  crane append --insecure -b "$TEST_REGISTRY/traits/bare:1" "$@" -t "$TEST_REGISTRY/traits/layers-127:1"
  rm "$work"/layer-*.tar
}

# HEALTHCHECK is Docker's alone, so an image that has it is of schema 2.
by_buildah() {
  fresh
  answer
  export BUILDAH_ISOLATION=chroot BUILDAH_FORMAT=docker STORAGE_DRIVER=vfs
  echo '{ "default": [{ "type": "insecureAcceptAnything" }] }' >"$work/policy.json"
  set -- --root "$work/buildah" --runroot "$work/buildah-run"
  container=$(buildah "$@" from --signature-policy "$work/policy.json" scratch)
  buildah "$@" copy -q "$container" "$root/answer" /answer
  buildah "$@" config --entrypoint '["/answer"]' --volume /data --port 8080 --healthcheck 'CMD /answer --check' --healthcheck-interval 10s \
    --healthcheck-retries 2 "$container"
  buildah "$@" commit -q --signature-policy "$work/policy.json" --format docker "$container" health
  buildah "$@" push -q --signature-policy "$work/policy.json" --tls-verify=false --format v2s2 health "$(in_registry health)"
  buildah "$@" rm -a >/dev/null
  buildah "$@" rmi -a >/dev/null
}
