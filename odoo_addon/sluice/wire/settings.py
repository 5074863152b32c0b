# Where the server is and how this database shows itself to it, as kept in the system
# parameters.
import ipaddress
from dataclasses import dataclass

from ..words import in_words
from .errors import ServerError

DEFAULT_PORT = 7410
# System parameters are read by administrators only, which is what the token needs.
ADDRESS = "sluice.server_address"
CERTIFICATE = "sluice.server_certificate"
CONNECTION = "sluice.connection"
TOKEN = "sluice.token"
ODOO_URL = "sluice.odoo_url"
# The number of the service user's key that the server uses.
KEY = "sluice.key"


@dataclass(frozen=True)
class Settings:
    target: str  # host:port
    secure: bool  # TLS, or plain text on this machine
    # PEM of who signs the server's certificate; empty for those the system trusts
    certificate: str
    token: str

    @classmethod
    def of(cls, env):
        """The settings of this database; raises a ServerError when no server is set or
        its address cannot be used.
        """
        read = env["ir.config_parameter"].sudo().get_param
        return cls.parse(
            env, read(ADDRESS) or "", read(CERTIFICATE) or "", read(TOKEN) or ""
        )

    @classmethod
    def parse(cls, env, address, certificate, token):
        address = address.strip().rstrip("/")
        if not address:
            raise _unusable(env, "NO_SERVER", address)
        scheme, _separator, target = address.rpartition("://")
        host, port = _host_and_port(target)
        is_known = scheme in ("", "http", "https")
        if not is_known or not host or "/" in target or not port.isdigit():
            raise _unusable(env, "ADDRESS_INVALID", address)
        local = _is_this_machine(host)
        if scheme == "http" and not local:
            raise _unusable(env, "ADDRESS_UNSAFE", address)
        return cls(
            f"{host}:{port}",
            scheme == "https" or (not scheme and not local),
            certificate.strip(),
            token.strip(),
        )


def _unusable(env, reason, address):
    # Where nothing is set there is nothing to quote, and the words need something.
    told = address or "-"
    return ServerError(in_words(env, reason, told), reason, told=told)


def _host_and_port(target):
    if target.startswith("["):  # an IPv6 address
        host, _bracket, rest = target.partition("]")
        return f"{host}]", rest.removeprefix(":") or str(DEFAULT_PORT)
    host, _colon, port = target.partition(":")
    return host, port or str(DEFAULT_PORT)


def _is_this_machine(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
