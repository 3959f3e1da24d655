"""Where is the hub, and who are we there?

A `Login` can be asked again and again: each time it reads anew what it stands on, so that a token,
a certificate or a CA that was replaced is found. kubernetes_asyncio reads kubeconfigs and service
accounts; what it makes of them becomes an `Endpoint`.

- Python 3.13 verifies X.509 strictly, and the CAs of EKS and MicroK8s lack the key identifiers that
  this asks for: that one flag is cleared. Chain and host name are verified as ever.
- A proxy is the kubeconfig's `proxy-url`, else what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.
  Nothing else of the environment changes a request; a .netrc is not read.

Elsewhere: what is wrong with a kubeconfig (kubeconfig.py); when credentials are read again
(connection.py).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.request import getproxies, proxy_bypass

from msgspec import Struct
from yarl import URL

from watcher.hub.errors import ConnectionFault
from watcher.hub.kubeconfig import NONE, Overrides, check_kubeconfig, kubeconfig_files
from watcher.hub.kubernetes_config import (
    ConfigException,
    Configuration,
    FileOrData,
    KubeConfigLoader,
    KubeConfigMerger,
    incluster_config,
)
from watcher.hub.plugin import Plugin

_PLUGIN_FIRST_S = 1.0
"""How much longer a whole login may take than its plugin, so that the plugin is named."""

_SPEAKABLE = ("File does not exist", "Service ", "Token file", "Cert file", "exec:")
"""How those errors of kubernetes_asyncio begin that quote nothing of a kubeconfig."""


class Endpoint(Struct, frozen=True):
    """A hub that can be spoken to."""

    url: URL
    tls: ssl.SSLContext | bool
    """What verifies the hub and shows who we are; True where nothing is encrypted."""
    tls_name: str | None
    """The name in the hub's certificate, where it is not the one in the URL."""
    proxy: str | None
    configuration: Any
    """kubernetes_asyncio's; it renews a service account's token by itself."""
    impersonates: tuple[tuple[str, str], ...] = ()
    """Headers that say whom we act as."""

    async def headers(self) -> dict[str, str]:
        """Who we are, where that is a header; raises `ConnectionFault` where it cannot be read."""
        try:
            token = await self.configuration.get_api_key_with_prefix("BearerToken")
        except (ConfigException, OSError) as error:
            raise _fault(error, where=str(self.url)) from None
        return {"Authorization": token.strip()} if token else {}


class Login(Protocol):
    """A way to come to an endpoint."""

    async def endpoint(self) -> Endpoint:
        """As it is now; raises `ConnectionFault`."""


class KubeconfigLogin:
    """What a kubeconfig says."""

    def __init__(
        self,
        files: Sequence[Path],
        context: str | None,
        overrides: Overrides = NONE,
        *,
        plugin_s: float,
    ) -> None:
        self._files = files
        self._context = context
        self._overrides = overrides
        self._plugin_s = plugin_s

    async def endpoint(self) -> Endpoint:
        """As the kubeconfig, and its exec plugin, have it now."""
        context = check_kubeconfig(self._files, self._context, self._overrides)
        where = ":".join(map(str, self._files))
        with _unusable(where):
            merged = KubeConfigMerger(where).config
            _override(merged, context, self._overrides)
            loader = _Loader(merged, active_context=context, config_base_path=None)
            loader.plugin_s = self._plugin_s
            configuration = Configuration()
            async with asyncio.timeout(self._plugin_s + _PLUGIN_FIRST_S):
                await loader.load_and_set(configuration)
            return _endpoint(configuration, self._overrides)


class InClusterLogin:
    """What a pod's service account says."""

    def __init__(self, overrides: Overrides = NONE) -> None:
        self._overrides = overrides

    async def endpoint(self) -> Endpoint:
        """As the token and the CA are mounted now."""
        with _unusable("this pod's service account"):
            configuration = Configuration()
            incluster_config.load_incluster_config(  # type: ignore[no-untyped-call]
                client_configuration=configuration
            )
            return _endpoint(configuration, self._overrides)


def login(
    kubeconfig: str | None,
    context: str | None,
    overrides: Overrides = NONE,
    *,
    environ: Mapping[str, str],
    plugin_s: float,
) -> Login:
    """As kubectl chooses: the kubeconfig that is meant, else the pod's service account."""
    files = kubeconfig_files(kubeconfig, environ)
    if files:
        return KubeconfigLogin(files, context, overrides, plugin_s=plugin_s)
    named = context or overrides.cluster or overrides.user
    if named is None and environ.get("KUBERNETES_SERVICE_HOST"):
        return InClusterLogin(overrides)
    raise ConnectionFault(
        what="there is no kubeconfig, and this is no pod with a service account",
        where="~/.kube/config",
        remedy="name a kubeconfig with --kubeconfig or $KUBECONFIG",
    )


class _Loader(KubeConfigLoader):
    """kubernetes_asyncio's, with its exec plugins run our way (plugin.py)."""

    plugin_s: float

    async def load_from_exec_plugin(self) -> bool:
        user: Any = self._user
        given = await Plugin(user["exec"]).ask(self.plugin_s)
        if given.token:
            self.token = f"Bearer {given.token}"
        if given.client_certificate_data and given.client_key_data:
            self.cert_file: str | None = _as_file(given.client_certificate_data)
            self.key_file: str | None = _as_file(given.client_key_data)
        return True


def _override(merged: Any, context: str, overrides: Overrides) -> None:
    """Let a context of kubernetes_asyncio's lead where these say."""
    entry = merged["contexts"].get_with_name(context).value
    entry["context"] = dict(entry.get("context") or {})
    for key in ("cluster", "user"):
        if (name := getattr(overrides, key)) is not None:
            entry["context"][key] = name


def _impersonates(overrides: Overrides) -> tuple[tuple[str, str], ...]:
    user = () if overrides.as_user is None else (("Impersonate-User", overrides.as_user),)
    return (*user, *(("Impersonate-Group", each) for each in overrides.as_groups))


def _as_file(text: str) -> str | None:
    kept = FileOrData({"it": text}, None, data_key_name="it", base64_file_content=False)
    return kept.as_file()


def _endpoint(configuration: Any, overrides: Overrides) -> Endpoint:
    url = URL(configuration.host)
    if url.scheme not in ("http", "https") or not url.host or url.user:
        raise ConnectionFault(
            what="its server is no plain http or https address",
            where=str(url.with_user(None)) if url.host else "the server of the kubeconfig",
            remedy="write it as https://HOST:PORT",
        )
    return Endpoint(
        url=url,
        tls=_tls(configuration) if url.scheme == "https" else True,
        tls_name=configuration.tls_server_name,
        proxy=_proxy(url, configuration),
        configuration=configuration,
        impersonates=_impersonates(overrides),
    )


def _tls(configuration: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if configuration.cert_file:
        context.load_cert_chain(
            configuration.cert_file, configuration.key_file, password=_no_passphrase
        )
    return context


def _no_passphrase() -> str:
    """Without this, OpenSSL asks on the terminal, and the whole process waits."""
    raise ValueError("the client key has a passphrase")


def _proxy(url: URL, configuration: Any) -> str | None:
    proxy = configuration.proxy
    if not proxy and url.host and not proxy_bypass(url.host):
        proxy = getproxies().get(url.scheme)
    if not proxy:
        return None
    if URL(proxy).scheme not in ("http", "https"):
        raise ConnectionFault(
            what=f"a proxy over {URL(proxy).scheme} is not supported",
            where=str(url),
            remedy="use an http proxy, or none (NO_PROXY)",
        )
    return str(proxy)


@contextmanager
def _unusable(where: str) -> Iterator[None]:
    """kubernetes_asyncio raises anything at all over credentials that are not as they should be."""
    try:
        yield
    except ConnectionFault:
        raise
    except Exception as error:  # noqa: BLE001  (see above)
        raise _fault(error, where=where) from None


def _fault(error: Exception, *, where: str) -> ConnectionFault:
    return ConnectionFault(
        what=_said(error), where=where, remedy="mend it, or name another with --kubeconfig"
    )


def _said(error: Exception) -> str:
    """In words, and without anything that a kubeconfig holds."""
    text = str(error)
    if isinstance(error, ConfigException) and text.startswith(_SPEAKABLE):
        return text.replace("does not exists", "does not exist")
    if isinstance(error, TimeoutError):
        return "it gave no credentials in time"
    if isinstance(error, ssl.SSLError):
        return f"its certificates or key cannot be used: {error.reason or 'no PEM'}"
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'} cannot be read: {error.strerror}"
    if text == "the client key has a passphrase":
        return text
    return f"its credentials cannot be read ({type(error).__name__})"
