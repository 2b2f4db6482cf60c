# Prints each path below a directory as a line of JSON: what `lstat` says, the content's sha256, extended attributes, and the inode.
import base64, hashlib, json, os, stat, sys

TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFCHR: "character", stat.S_IFBLK: "block", stat.S_IFIFO: "fifo"}
root = os.fsencode(sys.argv[1])


def facts(path):
    found = os.lstat(path)
    line = {
        "path": os.path.relpath(path, root).decode(errors="replace") if path != root else "",
        "type": TYPES[stat.S_IFMT(found.st_mode)],
        "mode": stat.S_IMODE(found.st_mode),
        "owner": "%d:%d" % (found.st_uid, found.st_gid),
        "mtime": int(found.st_mtime),
        "inode": found.st_ino,
        "xattrs": {name: base64.b64encode(os.getxattr(path, name, follow_symlinks=False)).decode() for name in sorted(os.listxattr(path, follow_symlinks=False))},
    }
    if line["type"] == "symlink":
        line["target"] = os.readlink(path).decode()
    if line["type"] == "file":
        content = hashlib.sha256()
        with open(path, "rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                content.update(piece)
        line["content"] = content.hexdigest()
    return line


for directory, directories, files in os.walk(root):
    print(json.dumps(facts(directory)))
    for name in files + [name for name in directories if os.path.islink(os.path.join(directory, name))]:
        print(json.dumps(facts(os.path.join(directory, name))))
