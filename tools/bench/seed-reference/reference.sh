#!/bin/sh
# reference.sh KERNEL BUSYBOX RUNC OUT: the recipe of the report that this project grew from, step by step, with its own tools.
# Where it differs it must, to run a container at all and to be measured; each such line says so.
set -eu
kernel=$1 busybox=$2 runc=$3 out=$4 here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/iso/boot/grub"

# 3. Creating the minimal root file system
for directory in proc sys dev etc run containers tmp; do mkdir -p "$work/rootfs/$directory"; done
echo ':: Starting Container OS' >"$work/rootfs/etc/motd"
for layer in "$busybox" "$runc"; do (cd "$work/rootfs" && cpio --quiet -idmu --no-absolute-filenames) <"$layer"; done
gcc -O2 -static -o "$work/rootfs/bin/tsc" "$here/tsc.c" # to be measured

# 4. Writing the init script
cat >"$work/rootfs/init" <<'INIT'
#!/bin/sh
tsc init # to be measured
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t cgroup2 none /sys/fs/cgroup # runc needs it
echo "[*] Starting container..."
# --bundle: the recipe's current directory is /; --no-pivot: runc cannot pivot_root out of an initramfs
exec /usr/sbin/runc run --no-pivot --bundle /containers/mycontainer mycontainer
INIT
chmod +x "$work/rootfs/init"

# 5. Creating the OCI container
mkdir -p "$work/rootfs/containers/mycontainer/rootfs"
(
  cd "$work/rootfs/containers/mycontainer"
  loader=$(find "$work/rootfs" -name 'ld-linux-x86-64.so.2' | head -n 1)
  "$loader" --library-path "$(dirname "$(find "$work/rootfs" -name 'libc.so.6' | head -n 1)")" "$work/rootfs/usr/sbin/runc" spec
  # The recipe runs /bin/sh; the first line is to be measured.
  sed -i 's#^\([[:space:]]*\)"sh"$#\1"/bin/sh", "-c", "tsc container; exec /bin/sh"#' config.json
  grep -q 'tsc container' config.json
  cp -a "$work/rootfs/bin" rootfs/
)

# 6. Packaging the initramfs
(cd "$work/rootfs" && find . | cpio --quiet -H newc -o | gzip) >"$work/iso/initrd.img"

# 7. Creating the bootable ISO. A serial console and no five seconds for the menu: to be measured
cp "$kernel" "$work/iso/vmlinuz"
cat >"$work/iso/boot/grub/grub.cfg" <<'GRUB'
set timeout=0
set default=0
menuentry "Minimal Container OS" {
linux /vmlinuz console=ttyS0
initrd /initrd.img
}
GRUB
grub-mkrescue -o "$work/container-os.iso" "$work/iso" >"$out/grub-mkrescue.log" 2>&1
mv "$work/container-os.iso" "$work/iso/vmlinuz" "$work/iso/initrd.img" "$out"
