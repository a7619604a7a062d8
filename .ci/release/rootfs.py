"""Makes the root file system of the container from a Linux archive: the program, certificates, a user, licences.

usage: rootfs.py ARCHIVE CERTIFICATES FOLDER

CERTIFICATES is a bundle of certificate authorities, such as Debian's /etc/ssl/certs/ca-certificates.crt. FOLDER must not
exist.
"""

import os
import shutil
import sys
import tarfile

sys.dont_write_bytecode = True

# A number that belongs to no user of usual systems; the Dockerfile names it, too.
USER = 65532


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    archive, certificates, root = sys.argv[1:]
    os.umask(0o022)
    os.makedirs(root)
    with tarfile.open(archive) as packed:
        for entry in packed:
            name = entry.name.partition("/")[2]
            if name == "apim-doctor":
                write(f"{root}/apim-doctor", packed.extractfile(entry).read(), 0o755)
            elif "LICENSE" in name:
                write(f"{root}/licenses/{name}", packed.extractfile(entry).read())
    os.makedirs(f"{root}/etc/ssl/certs")
    # Where programs look for it first. A link in the same place is followed.
    shutil.copyfile(certificates, f"{root}/etc/ssl/certs/ca-certificates.crt")
    write(f"{root}/etc/passwd", f"nonroot:x:{USER}:{USER}::/work:/nonexistent\n".encode())
    write(f"{root}/etc/group", f"nonroot:x:{USER}:\n".encode())
    # Files to read are mounted here, and relative paths start here.
    os.makedirs(f"{root}/work")
    os.makedirs(f"{root}/tmp")
    os.chmod(f"{root}/tmp", 0o1777)


main()
