"""Certificates made with openssl, for servers and clients of one test."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Authority:
    """A CA that signs for 127.0.0.1 and for clients."""

    folder: Path
    key_identifiers: bool = True
    """Whether its certificates have the key identifiers that Python 3.13 asks for."""

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    def make(self) -> Authority:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=a test's CA",
            "-config", self._config("ca", "basicConstraints=critical,CA:TRUE"),
        )  # fmt: skip
        return self

    def issue(self, name: str, *, alternative: str = "IP:127.0.0.1", days: int = 2) -> Path:
        """A file with a key and its certificate."""
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
        )  # fmt: skip
        extensions = self._config(name, f"subjectAltName={alternative}")
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", str(days), "-out", f"{name}.crt",
            "-extfile", extensions, "-extensions", "wanted",
        )  # fmt: skip
        both = self.folder / f"{name}.pem"
        both.write_bytes(
            (self.folder / f"{name}.key").read_bytes() + (self.folder / f"{name}.crt").read_bytes()
        )
        return both

    def locked(self, key: Path) -> Path:
        """The key under a passphrase."""
        self._openssl("ec", "-in", str(key), "-out", "locked.key", "-aes256", "-passout", "pass:x")
        return self.folder / "locked.key"

    def server(self, name: str = "server", *, asks_for_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.issue(name))
        if asks_for_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.certificate)
        return context

    def _config(self, name: str, extension: str) -> str:
        identifiers = (
            "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid,issuer"
            if self.key_identifiers
            else "subjectKeyIdentifier=none\nauthorityKeyIdentifier=none"
        )
        file = self.folder / f"{name}.cnf"
        file.write_text(
            "[req]\ndistinguished_name=dn\nx509_extensions=wanted\n[dn]\n"
            f"[wanted]\n{extension}\n{identifiers}\n"
        )
        return file.name

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
