"""Is the hub found, and do we show who we are, as kubectl would?"""

from __future__ import annotations

import base64
import json
import shutil
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.hub.certificates import Authority
from tests.hub.exchanges import CANARY
from tests.hub.kubeconfigs import kubeconfig
from watcher.hub.credentials import Endpoint, InClusterLogin, KubeconfigLogin, login
from watcher.hub.errors import ConnectionFault
from watcher.hub.kubernetes_config import incluster_config

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs the openssl program to make certificates"
)


@pytest.fixture(autouse=True)
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def endpoint(file: str, context: str | None = None) -> Endpoint:
    return await KubeconfigLogin((Path(file),), context, plugin_s=5.0).endpoint()


async def fault(file: str) -> ConnectionFault:
    with pytest.raises(ConnectionFault) as caught:
        await endpoint(file)
    assert CANARY not in str(caught.value)
    return caught.value


def with_cluster(folder: Path, server: str = "https://hub:6443", **cluster: Any) -> str:
    file = Path(kubeconfig(folder, server, token="t"))
    document = json.loads(file.read_text())
    document["clusters"][0]["cluster"].update(cluster)
    file.write_text(json.dumps(document))
    return str(file)


async def test_a_token_is_shown(tmp_path: Path) -> None:
    found = await endpoint(kubeconfig(tmp_path, "http://hub:8080", token="t"))
    assert str(found.url) == "http://hub:8080"
    assert await found.headers() == {"Authorization": "Bearer t"}


async def test_a_token_file_is_read_without_its_newline(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t\n")
    file = kubeconfig(tmp_path, "http://hub:8080", tokenFile="token")  # beside the kubeconfig
    assert await (await endpoint(file)).headers() == {"Authorization": "Bearer t"}


async def test_a_name_and_a_password_are_shown(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "http://hub:8080", username="me", password="p")
    shown = base64.b64encode(b"me:p").decode()
    assert await (await endpoint(file)).headers() == {"Authorization": f"Basic {shown}"}


async def test_nobody_shows_nothing(tmp_path: Path) -> None:
    assert await (await endpoint(kubeconfig(tmp_path, "http://hub:8080"))).headers() == {}


async def test_a_plugin_s_token_and_certificate_are_shown(tmp_path: Path) -> None:
    script = tmp_path / "plugin"
    script.write_text(
        "#!/bin/sh\n"
        'echo \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
        '"status":{"token":"t"}}\'\n'
    )
    script.chmod(0o755)
    section = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script)}
    found = await endpoint(kubeconfig(tmp_path, "http://hub:8080", exec=section))
    assert await found.headers() == {"Authorization": "Bearer t"}


@needs_openssl
async def test_only_the_one_flag_of_verification_is_cleared(tmp_path: Path) -> None:
    ca = Authority(tmp_path / "ca").make().certificate
    strict = ssl.create_default_context(cafile=str(ca))
    tls = (await endpoint(with_cluster(tmp_path, **{"certificate-authority": str(ca)}))).tls
    assert isinstance(tls, ssl.SSLContext)
    assert tls.verify_flags == strict.verify_flags & ~ssl.VERIFY_X509_STRICT
    assert tls.check_hostname
    assert tls.verify_mode == ssl.CERT_REQUIRED
    assert len(tls.get_ca_certs()) == 1


async def test_verification_is_left_out_only_where_the_kubeconfig_says_so(tmp_path: Path) -> None:
    skipping: dict[str, Any] = {"insecure-skip-tls-verify": True}
    found = await endpoint(with_cluster(tmp_path, **skipping))
    assert isinstance(found.tls, ssl.SSLContext)
    assert found.tls.verify_mode == ssl.CERT_NONE
    found = await endpoint(with_cluster(tmp_path))
    assert isinstance(found.tls, ssl.SSLContext)
    assert found.tls.verify_mode == ssl.CERT_REQUIRED


async def test_the_name_in_the_certificate_may_be_given(tmp_path: Path) -> None:
    found = await endpoint(with_cluster(tmp_path, **{"tls-server-name": "kubernetes"}))
    assert found.tls_name == "kubernetes"


@needs_openssl
async def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca").make()
    client = authority.issue("client")
    locked = authority.locked(client)
    user = {"client-certificate": str(client), "client-key": str(locked)}
    said = await fault(kubeconfig(tmp_path, "https://hub:6443", **user))
    assert said.what == "the client key has a passphrase"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ({"client-certificate": "/no/such", "client-key": "/no/such"}, "File does not exist"),
        ({"client-certificate-data": "bm8=", "client-key-data": CANARY}, "cannot be"),
        ({"client-certificate-data": "bm8=", "client-key-data": "bm8="}, "cannot be used"),
        ({"tokenFile": "/no/such"}, "/no/such cannot be read: No such file or directory"),
        ({"exec": {"command": CANARY}}, "exec: malformed request. missing key 'apiVersion'"),
        ({"exec": CANARY}, "exec: malformed request. missing key 'command'"),
        ({"client-key-data": 7}, "its credentials cannot be read (TypeError)"),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": CANARY}}}, "cannot be read"),
    ],
)
async def test_credentials_of_no_use_are_said_and_not_shown(
    tmp_path: Path, user: dict[str, Any], said: str
) -> None:
    fault_ = await fault(kubeconfig(tmp_path, "https://hub:6443", **user))
    assert said in fault_.what
    assert fault_.remedy


@pytest.mark.parametrize("server", ["hub:6443", "ftp://hub", "https://", f"https://me:{CANARY}@h"])
async def test_a_server_that_is_no_plain_address_is_said(tmp_path: Path, server: str) -> None:
    said = await fault(kubeconfig(tmp_path, server))
    assert "no plain http or https address" in said.what


async def test_the_kubeconfig_s_proxy_goes_before_the_environment_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await endpoint(with_cluster(tmp_path))).proxy is None
    monkeypatch.setenv("https_proxy", "http://env:3128")
    assert (await endpoint(with_cluster(tmp_path))).proxy == "http://env:3128"
    own = with_cluster(tmp_path, **{"proxy-url": "http://own:3128"})
    assert (await endpoint(own)).proxy == "http://own:3128"
    monkeypatch.setenv("no_proxy", "hub")
    assert (await endpoint(with_cluster(tmp_path))).proxy is None


async def test_a_proxy_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    said = await fault(with_cluster(tmp_path, **{"proxy-url": "socks5://p:1080"}))
    assert said.what == "a proxy over socks5 is not supported"


def test_a_pod_uses_its_service_account_unless_a_kubeconfig_is_meant(tmp_path: Path) -> None:
    pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOME": str(tmp_path)}
    assert isinstance(login(None, None, environ=pod, plugin_s=5.0), InClusterLogin)
    named = login("/some/file", None, environ=pod, plugin_s=5.0)
    assert isinstance(named, KubeconfigLogin)
    meant = login(None, None, environ={**pod, "KUBECONFIG": "/some/file"}, plugin_s=5.0)
    assert isinstance(meant, KubeconfigLogin)


@pytest.mark.parametrize("context", [None, "prod"])
def test_without_either_there_is_no_hub(tmp_path: Path, context: str | None) -> None:
    environ = {"HOME": str(tmp_path)} | ({"KUBERNETES_SERVICE_HOST": "h"} if context else {})
    with pytest.raises(ConnectionFault, match="there is no kubeconfig, and this is no pod"):
        login(None, context, environ=environ, plugin_s=5.0)


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where a pod's token is mounted; the CA comes with `mount_ca`."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "6443")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    return tmp_path


@needs_openssl
async def test_a_pod_shows_its_token_and_reads_it_anew(pod: Path) -> None:
    (pod / "ca.crt").write_bytes(Authority(pod / "ca").make().certificate.read_bytes())
    (pod / "token").write_text("first\n")
    way = InClusterLogin()
    found = await way.endpoint()
    assert str(found.url) == "https://[fd00::1]:6443"
    assert await found.headers() == {"Authorization": "Bearer first"}
    (pod / "token").write_text("second")
    assert await (await way.endpoint()).headers() == {"Authorization": "Bearer second"}


@pytest.mark.parametrize(
    ("token", "ca", "said"),
    [
        (None, None, "Service token file does not exist."),
        ("", "x", "Token file exists but empty."),
        ("t", None, "Service certification file does not exist."),
        ("t", "", "Cert file exists but empty."),
        ("t", CANARY, "its certificates or key cannot be used"),
    ],
)
async def test_a_pod_without_what_it_needs_says_what(
    pod: Path, token: str | None, ca: str | None, said: str
) -> None:
    for name, text in (("token", token), ("ca.crt", ca)):
        if text is not None:
            (pod / name).write_text(text)
    with pytest.raises(ConnectionFault) as caught:
        await InClusterLogin().endpoint()
    assert said in caught.value.what
    assert caught.value.where == "this pod's service account"
