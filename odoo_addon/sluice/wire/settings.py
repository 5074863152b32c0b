# Where the server is and how this database shows itself to it, as kept in the system parameters.
import ipaddress
from dataclasses import dataclass

from odoo.exceptions import UserError

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
    certificate: str  # PEM of who signs the server's certificate; empty for those the system trusts
    token: str

    @classmethod
    def of(cls, env):
        """The settings of this database; raises UserError when no server is set or its address cannot be used."""
        read = env["ir.config_parameter"].sudo().get_param
        return cls.parse(env, read(ADDRESS) or "", read(CERTIFICATE) or "", read(TOKEN) or "")

    @classmethod
    def parse(cls, env, address, certificate, token):
        address = address.strip().rstrip("/")
        if not address:
            raise UserError(
                env._("No Sluice server is set yet: an administrator enters its address in the settings of Sluice.")
            )
        scheme, _separator, target = address.rpartition("://")
        host, port = _host_and_port(target)
        if scheme not in ("", "http", "https") or not host or "/" in target or not port.isdigit():
            raise UserError(env._("%(address)s is not an address of a server: write https://host:port.", address=address))
        local = _is_this_machine(host)
        if scheme == "http" and not local:
            raise UserError(
                env._(
                    "%(address)s would send the token unprotected over the network: the server needs TLS, and the "
                    "address https.",
                    address=address,
                )
            )
        return cls(f"{host}:{port}", scheme == "https" or (not scheme and not local), certificate.strip(), token.strip())


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
