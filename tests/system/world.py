# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers that a host asks: names, time, files, packages and logins, in the client's namespace;
and the clients that ask them, as Debian ships them. Nothing of the host is written or asked."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys

import lab as addresses
import netns
import yett as yett_module
from traffic import PATIENCE

SERVERS = (addresses.CLIENT4, addresses.CLIENT6)
ADDRESS = "192.0.2.80"  # of host.test


def chronyd():
    """Installed, or unpacked by tests/run: its package would take over this host's clock."""
    unpacked = os.path.join(yett_module.ROOT, "build/unpacked/chrony/usr/sbin/chronyd")
    found = shutil.which("chronyd") or (unpacked if os.access(unpacked, os.X_OK) else None)
    if not found:
        raise RuntimeError("chronyd is missing: see tests/packages")
    return found


def url_host(address):
    return f"[{address}]" if ":" in address else address


class World:
    """Its servers, and files to ask for. Stands when each server has answered on its own node."""

    def __init__(self, lab):
        self.lab = lab
        self.seconds = PATIENCE
        self.folder = lab.folder("world")
        self._keys()
        self._repository()
        self._configure_apt()
        for start in (self._serve_names, self._serve_time, self._serve_files, self._serve_logins):
            start()
        own = lab.name("client")
        for server in SERVERS:
            for wish in WISHES:
                netns.wait_for(
                    lambda wish=wish, server=server: self.answered([(wish, own, server)]),
                    f"{wish.__name__} of {server} at home",
                    30.0,
                )

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    # -- what is served

    def _keys(self):
        netns.run(None, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path("key"))
        netns.run(None, "dropbearkey", "-t", "ed25519", "-f", self.path("host-key"))
        os.makedirs(self.path("home", ".ssh"), mode=0o700)
        with open(self.path("key.pub"), encoding="utf-8") as key:
            os.chmod(self.write("home/.ssh/authorized_keys", key.read()), 0o600)

    def _repository(self):
        """A package of a megabyte that nothing packs smaller, and its index."""
        control = "Package: yett-test\nVersion: 1\nArchitecture: all\n"
        control += "Maintainer: nobody <nobody@example.org>\nDescription: for a test\n"
        self.write("package/DEBIAN/control", control)
        with open(self.path("package", "data"), "wb") as data:
            data.write(os.urandom(1 << 20))
        os.makedirs(self.path("files"))
        made = self.path("files", "yett-test_1_all.deb")
        netns.run(None, "dpkg-deb", "--root-owner-group", "-b", self.path("package"), made)
        with open(made, "rb") as file:
            self.package = file.read()
        index = f"{control}Filename: ./yett-test_1_all.deb\nSize: {len(self.package)}\n"
        index += f"SHA256: {hashlib.sha256(self.package).hexdigest()}\n"
        self.write("files/Packages", index)

    def _configure_apt(self):
        """One folder for each that asks: apt locks its lists."""
        for node in ("client", "gate", "c1"):
            for server in SERVERS:
                self._configure_apt_of(self.apt_folder(self.lab.name(node), server), server)

    def apt_folder(self, name, server):
        return self.path("apt", f"{name}-{server.replace(':', '-')}")

    def _configure_apt_of(self, folder, server):
        for part in ("lists/partial", "archives/partial", "none", "download"):
            os.makedirs(os.path.join(folder, part))
        self.write(
            os.path.join(folder, "sources"), f"deb [trusted=yes] http://{url_host(server)}/ ./\n"
        )
        settings = {
            "Dir::Etc::sourcelist": f"{folder}/sources",
            "Dir::Etc::sourceparts": f"{folder}/none",
            "Dir::Etc::parts": f"{folder}/none",
            "Dir::Etc::main": f"{folder}/none/main",
            "Dir::State::lists": f"{folder}/lists",
            "Dir::State::status": self.write(os.path.join(folder, "status"), ""),
            "Dir::Cache": folder,
            "APT::Sandbox::User": "root",
            "Acquire::http::Proxy": "DIRECT",
            "Acquire::Retries": "0",
            "Acquire::Languages": "none",
        }
        lines = "".join(f'{key} "{value}";\n' for key, value in settings.items())
        self.write(os.path.join(folder, "apt.conf"), lines)

    # -- the servers

    def _serve_names(self):
        words = ["--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file="]
        words += ["--bind-interfaces", *(f"--listen-address={server}" for server in SERVERS)]
        self.lab.spawn(
            "client", "dnsmasq", "--keep-in-foreground", *words, f"--address=/host.test/{ADDRESS}"
        )

    def _serve_time(self):
        """Of this clock, which it does not touch (-x)."""
        settings = "local stratum 8\nallow all\ncmdport 0\nbindcmdaddress /\n"
        config = self.write("chrony.conf", settings + f"pidfile {self.path('chronyd.pid')}\n")
        self.lab.spawn("client", chronyd(), "-d", "-x", "-u", "root", "-f", config)

    def _serve_files(self):
        words = ["-m", "http.server", "80", "--bind", "::", "--directory", self.path("files")]
        self.lab.spawn("client", sys.executable, *words)

    def _serve_logins(self):
        """A home of its own for root, which no other process sees."""
        home = pwd.getpwuid(0).pw_dir
        script = 'mount --bind "$1" "$2" && exec dropbear -F -E -s -m -r "$3" -P "$4" -p 22'
        self.lab.spawn(
            "client",
            *("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"),
            *(self.path("home"), home, self.path("host-key"), self.path("dropbear.pid")),
        )

    # -- the clients

    def answered(self, asked, seconds=PATIENCE):
        """All of (wish, name of a namespace, server) at once; those that were answered before a
        client gave up."""
        self.seconds = seconds
        begun = [(entry, entry[0](self, *entry[1:])) for entry in asked]
        return [entry for entry, answer in begun if answer()]


def _answer(name, words, right, stdin=None, env=None):
    """Starts a client; the function that is given back waits for it and holds its answer."""
    process = subprocess.Popen(
        netns.command(name, *words),
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C", **(env or {})},
    )

    def wait():
        out, _ = process.communicate(stdin, timeout=300)
        return process.returncode == 0 and right(out)

    return wait


def dig(world, name, server, *more):
    words = ["dig", f"@{server}", "host.test", "A", "+short", "+tries=1", *more]
    words += [f"+time={world.seconds:.0f}"]
    return _answer(name, words, lambda out: out == f"{ADDRESS}\n".encode())


def dig_over_tcp(world, name, server):
    return dig(world, name, server, "+tcp")


def chrony(world, name, server):
    """Asks, and leaves the clock alone (-Q). Its pid file goes when it ends: never a device."""
    pidfile = world.path(f"chronyd-{name}-{server.replace(':', '-')}.pid")
    words = [chronyd(), "-Q", "-u", "root", "-t", f"{world.seconds:.0f}"]
    words += [f"pidfile {pidfile}", "cmdport 0"]
    words += [f"server {server} iburst maxsamples 1"]
    return _answer(name, words, lambda out: True)


def ssh(world, name, server):
    """A megabyte there and back."""
    words = ["ssh", "-F", "none", "-i", world.path("key"), "-o", "BatchMode=yes"]
    for option in (
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        f"ConnectTimeout={world.seconds:.0f}",
        "StrictHostKeyChecking=accept-new",
        f"UserKnownHostsFile={world.path('known-hosts')}",
        f"GlobalKnownHostsFile={world.path('known-hosts')}",
    ):
        words += ["-o", option]
    line = world.package
    return _answer(name, [*words, f"root@{server}", "cat"], lambda out: out == line, stdin=line)


def curl(world, name, server):
    url = f"http://{url_host(server)}/yett-test_1_all.deb"
    words = ["curl", "-q", "-g", "-sS", "--noproxy", "*", url]
    words += ["--connect-timeout", f"{world.seconds:.0f}"]
    return _answer(name, words, lambda out: out == world.package)


def apt(world, name, server):
    """The index first, then the package, whose hash apt holds against the index."""
    folder = world.apt_folder(name, server)
    download = os.path.join(folder, "download")
    apt_get = f"apt-get -qq -o Acquire::http::Timeout={world.seconds:.0f}"
    script = f'{apt_get} update && cd "$1" && rm -f *.deb && {apt_get} download yett-test'

    def right(_):
        with open(os.path.join(download, "yett-test_1_all.deb"), "rb") as file:
            return file.read() == world.package

    env = {"APT_CONFIG": os.path.join(folder, "apt.conf")}
    return _answer(name, ["sh", "-c", script, "sh", download], right, env=env)


def ping(world, name, server):
    words = ["ping", "-c", "1", "-W", f"{world.seconds:.0f}", server]
    return _answer(name, words, lambda out: True)


WISHES = (dig, dig_over_tcp, chrony, ssh, curl, apt, ping)
