# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels from apt's own sources: found by series, unpacked, never installed."""

import glob
import lzma
import os
import re
import subprocess

# What the guest needs besides the kernel itself; a module that is built in has no file.
MODULES = ("veth", "sch_ingress", "cls_bpf")
# In the order in which they need each other.
MODULES += ("tunnel4", "ip_tunnel", "ipip")
MODULES += ("libcurve25519-generic", "curve25519-x86_64", "libchacha", "chacha-x86_64")
MODULES += ("poly1305-x86_64", "libchacha20poly1305", "ip6_udp_tunnel", "udp_tunnel", "wireguard")


class NotToBeHad(Exception):
    """No package of that series, or it cannot be downloaded; the text says which."""


def _run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, check=True, **options).stdout


def _versions(series):
    """Packages of a series. The cloud flavour: the same BPF, a third of the octets."""
    name = rf"^linux-image-{re.escape(series)}\.[0-9].*-cloud-amd64$"
    lines = _run("apt-cache", "search", "--names-only", name).splitlines()
    return [line.split(" - ")[0] for line in lines]


def _version_key(package):
    return [int(number) for number in re.findall(r"\d+", package)]


def newest(series):
    """The name of the newest package of a series."""
    found = _versions(series)
    if not found:
        # apt may never have been asked: a failure to reach its sources shows as an empty list.
        subprocess.run(["apt-get", "-qq", "update"], capture_output=True, check=False)
        found = _versions(series)
    if not found:
        raise NotToBeHad(f"apt's sources have no package linux-image-{series}.*-cloud-amd64")
    return max(found, key=_version_key)


class Kernel:
    """One kernel, unpacked below `folder`, where the next run finds it."""

    def __init__(self, series, folder):
        self.series = series
        self.package = newest(series)
        self.folder = os.path.join(folder, self.package)
        if not os.path.exists(os.path.join(self.folder, "complete")):
            self._fetch()
        self.image = self._only("boot/vmlinuz-*")

    def _fetch(self):
        os.makedirs(self.folder, exist_ok=True)
        try:
            _run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", self.package,
                 cwd=self.folder)  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise NotToBeHad(f"{self.package}: {error.stderr.strip()}") from error
        archive = self._only("*.deb")
        _run("dpkg-deb", "-x", archive, self.folder)
        os.unlink(archive)
        with open(os.path.join(self.folder, "complete"), "w", encoding="ascii"):
            pass

    def _only(self, pattern):
        found = glob.glob(os.path.join(self.folder, pattern))
        if len(found) != 1:
            raise NotToBeHad(f"{self.package}: {len(found)} files {pattern}")
        return found[0]

    def modules(self):
        """Pairs of file name and content, in the order in which they are loaded."""
        for name in MODULES:
            for path in glob.glob(f"{self.folder}/lib/modules/*/kernel/**/{name}.ko*",
                                  recursive=True):  # fmt: skip
                with (lzma.open if path.endswith(".xz") else open)(path, "rb") as file:
                    yield f"{name}.ko", file.read()
