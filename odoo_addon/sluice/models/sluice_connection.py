# Connecting this database to a Sluice server, and trying whether that works.
import logging
import re
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..wire import Client
from ..wire import settings as places
from ..wire.errors import ServerError

_logger = logging.getLogger(__name__)

LOGIN = "sluice_service"
KEY_NAME = "Sluice server"
# The longest that the service user's group allows.
KEY_DAYS = 731
# A key is replaced so long before it expires; a server that is away for days must not
# outlive it.
RENEW_DAYS = 14


class SluiceConnection(models.AbstractModel):
    _name = "sluice.connection"
    _description = "Sluice: connection to the server"

    @api.model
    def _connect(self, name, address, certificate, code, odoo_url):
        """Introduces this database to a server by a pairing code, and keeps what the
        server gives in return.

        Makes the service user if need be and a new key for it. The server tries the key
        before it answers, so both are committed first; when the server refuses, the key
        is taken back. An earlier key goes when the server has the new one and runs no
        job that began with the earlier.
        """
        if not self.env.is_system():
            raise AccessError(
                self.env._("Only an administrator connects this database to Sluice.")
            )
        settings = places.Settings.parse(self.env, address, certificate, code)
        is_connected = bool(self._keys())
        # Afterwards the server may be another one, and the token of this one void.
        is_busy = is_connected and self._may_be_busy()
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            key_id, api_key = env["sluice.connection"]._new_key()
        try:
            saved = Client(self.env, settings).pair(
                name, odoo_url, self.env.cr.dbname, api_key
            )
        except ServerError as error:
            # Where its answer was lost, the server may have the new key.
            if not (is_connected and error.is_away):
                self._drop_keys(only=key_id)
            raise UserError(self._words_when_connecting(error)) from error
        write = self.env["ir.config_parameter"].sudo().set_param
        write(places.KEY, str(key_id))
        write(places.ADDRESS, address.strip())
        write(places.CERTIFICATE, certificate.strip())
        write(places.CONNECTION, saved["connection"]["name"])
        write(places.ODOO_URL, odoo_url)
        write(places.TOKEN, saved["token"])
        if is_busy or self._may_be_busy():
            self._renew_later()
        else:
            self._drop_keys(but=key_id)
        _logger.info("connected to the Sluice server at %s as %s", address, name)

    @api.model
    def _test(self):
        """What the server says of this connection, as a sentence; raises a UserError
        with the cause when it does not work.
        """
        if not self.env.is_system():
            raise AccessError(
                self.env._("Only an administrator tests the connection to Sluice.")
            )
        told = Client(self.env).test_connection()
        if told["missing_rights"]:
            raise UserError(
                self.env._(
                    "The server reaches this Odoo as %(user)s, but that user lacks "
                    "rights:\n%(rights)s",
                    user=told["user"],
                    rights="\n".join(told["missing_rights"]),
                )
            )
        return self.env._(
            "Both ways work: this Odoo reaches the server, and the server reached "
            "Odoo %(version)s as %(user)s in %(time)s ms.",
            version=told["odoo_version"],
            user=told["user"],
            time=round(told["round_trip_ms"]),
        )

    @api.model
    def _renew_key(self):
        """Replaces the server's key before it expires; called by a daily scheduled
        action.

        The old key works until the server has tried the new one, uses it and runs no
        job that began with the old. Where an answer is lost nobody knows which key the
        server has: both stay, and the next run begins anew.
        """
        read = self.env["ir.config_parameter"].sudo().get_param
        keys = self._keys()
        if not read(places.TOKEN) or not (keys or self._service_user_if_any()):
            return
        in_use = len(keys) == 1 or str(keys[:1].id) == read(places.KEY)
        try:
            client = Client(self.env)
            is_busy = self._runs_jobs(client)
            if not (keys and in_use) or self._expires_soon(keys[0]):
                keys = self._replace_key(client)
            if len(keys) > 1:
                if is_busy:
                    self._renew_later()
                else:
                    self._drop_keys(but=keys[0].id)
        except UserError as error:
            _logger.warning(
                "the server's key of this Odoo could not be renewed: %s", error
            )

    @api.model
    def _runs_jobs(self, client):
        return bool(client.jobs(states=["JOB_STATE_RUNNING"], page_size=1)["jobs"])

    @api.model
    def _may_be_busy(self):
        """Whether the server may be running jobs, which began with the key that it had
        then.
        """
        try:
            return self._runs_jobs(Client(self.env))
        except ServerError as error:
            return error.is_away

    @api.model
    def _renew_later(self):
        """Looks again in an hour which keys are still needed."""
        self.env.ref("sluice.ir_cron_renew_key").sudo()._trigger(
            fields.Datetime.now() + timedelta(hours=1)
        )

    @api.model
    def _replace_key(self, client):
        """Gives the server a new key; returns the keys that there are then, the newest
        first.
        """
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            key_id, api_key = env["sluice.connection"]._new_key()
        try:
            client.rotate_key(api_key)
        except ServerError as error:
            if not error.is_away:
                self._drop_keys(only=key_id)
            raise
        client.test_connection()
        self.env["ir.config_parameter"].sudo().set_param(places.KEY, str(key_id))
        _logger.info("the Sluice server has a new key of this Odoo")
        self.env.invalidate_all()
        return self._keys()

    @api.model
    def _keys(self):
        """The keys that were made for the server, the newest first."""
        return (
            self.env["res.users.apikeys"]
            .sudo()
            .search(
                [("user_id.login", "=", LOGIN), ("name", "=", KEY_NAME)],
                order="id desc",
            )
        )

    @api.model
    def _expires_soon(self, key):
        return (
            key.expiration_date
            and key.expiration_date
            <= fields.Datetime.now() + timedelta(days=RENEW_DAYS)
        )

    @api.model
    def _service_user_if_any(self):
        return (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search([("login", "=", LOGIN)])
        )

    @api.model
    def _new_key(self):
        """Makes a key of the service user, who is made first if need be. Returns the
        key's id and the key.
        """
        keys = self.env["res.users.apikeys"].with_user(self._service_user()).sudo()
        key = keys._generate(
            "rpc", KEY_NAME, fields.Datetime.now() + timedelta(days=KEY_DAYS - 1)
        )
        return keys.search(
            [("user_id", "=", keys.env.uid), ("name", "=", KEY_NAME)],
            order="id desc",
            limit=1,
        ).id, key

    @api.model
    def _service_user(self):
        user = self._service_user_if_any()
        group = self.env.ref("sluice.group_service")
        if not user:
            # No password: nobody signs in as this user but with a key.
            user = user.with_context(no_reset_password=True).create(
                {"name": "Sluice", "login": LOGIN, "group_ids": [(6, 0, group.ids)]}
            )
        companies = self.env["res.company"].search([])  # pylint: disable=no-search-all
        user.write(
            {
                "active": True,
                "group_ids": [(4, group.id)],
                "company_ids": [(4, company.id) for company in companies],
            }
        )
        return user

    @api.model
    def _drop_keys(self, only=None, but=None):
        """Takes keys of the service user back, in a transaction of its own: the
        caller's may be undone.
        """
        with self.env.registry.cursor() as cr:
            keys = api.Environment(cr, SUPERUSER_ID, {})["res.users.apikeys"]
            keys.search(
                [
                    ("user_id.login", "=", LOGIN),
                    ("name", "=", KEY_NAME),
                    ("id", "=", only) if only else ("id", "!=", but),
                ]
            )._remove()

    @api.model
    def _name_of_database(self):
        """The database's name as a connection may be called."""
        return (
            re.sub(r"[^a-z0-9_-]+", "-", self.env.cr.dbname.lower())[:40].strip("-")
            or "odoo"
        )

    @api.model
    def _words_when_connecting(self, error):
        match error.reason:
            case "TOKEN_INVALID" | "TOKEN_MISSING":
                return self.env._(
                    "The server does not accept this pairing code: it works once, for "
                    "a quarter of an hour. "
                    "Run `sluice pair` beside the server for a new one."
                )
            case "ODOO_UNREACHABLE":
                return self.env._(
                    "The server was reached, but it cannot reach this Odoo back. Is "
                    "Odoo's address right as seen from the "
                    "server?\n%(error)s",
                    error=error,
                )
        return str(error)
