# Which of the mirrored models are searchable, how far the index of each one is, and
# what managers can do about it.
from odoo import api, fields, models

from ..wire import Client
from ..wire.errors import ServerError


# Apart from the jobs of a mirror, which are another duty.
# pylint: disable=consider-merging-classes-inherited
class SluiceMirrorModel(models.Model):
    _inherit = "sluice.mirror.model"

    is_searchable = fields.Boolean("Searchable", readonly=True)
    found_count = fields.Integer(
        "Can Be Found", readonly=True, help="Records in the search index."
    )
    waiting_count = fields.Integer(
        "Wait for the Index",
        readonly=True,
        help="Records that changed and wait to be embedded. Meanwhile they are found "
        "by their words.",
    )
    unembedded_count = fields.Integer("Could Not Be Embedded", readonly=True)
    embedded_fields = fields.Char("Fields Searched", readonly=True)
    # The server's own words, in English.
    index_error = fields.Char("Embedder", readonly=True)
    similar_action_id = fields.Many2one(
        "ir.actions.server", "Similar in Lists", readonly=True, ondelete="set null"
    )

    def unlink(self):
        self.sudo().similar_action_id.unlink()
        return super().unlink()

    def action_make_searchable(self):
        """Lets people search the model by the fields that suit it."""
        self._check_manager()
        client = Client(self.env)
        client.configure_search(
            [
                {
                    "model": mirrored.model,
                    "field_names": mirrored._fields_for_all(client),
                }
                for mirrored in self
            ]
        )
        self._refresh(client)
        # Its screen follows the jobs that embed.
        self.env["sluice.job"]._wake_relay()
        # The menus of open pages are known to the browser.
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_make_unsearchable(self):
        """Drops the search index of the model."""
        self._check_manager()
        client = Client(self.env)
        client.configure_search(removed=self.mapped("model"))
        self._refresh(client)
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_embed(self):
        """Brings the search index of the model up to date, with names of related
        records as they are now.
        """
        return self._begin(lambda client: client.embed(self.model, full=True))

    def action_retry_embedding(self):
        """Embeds records again that could not be embedded."""
        return self._begin(lambda client: client.retry_embedding(self.model))

    def _fields_for_all(self, client):
        """The fields that suit the model, without those that not everybody may read:
        with one of them in it, a text is shown to few.
        """
        known = self.env[self.model]._fields
        return [
            name
            for name in client.suitable_fields(self.model)
            if not (known[name].groups or known[name].company_dependent)
        ]

    def _job_changed(self):
        """Called by a job of this model when the server told something new about it."""
        self.sudo()._show_index(Client(self.env))
        return super()._job_changed()

    @api.model
    def _refresh(self, client):
        """Takes over what the server tells of its mirror and its search index."""
        res = super()._refresh(client)
        self.sudo().search([])._show_index(client)  # pylint: disable=no-search-all
        return res

    def _show_index(self, client):
        """Takes over how far the search index of each model is."""
        try:
            told = client.search_status()["models"]
        except ServerError as error:
            if error.reason != "NO_SUCH_METHOD":
                raise
            told = []  # by a server from before there was a search
        known = {one["configuration"]["model"]: one for one in told}
        for mirrored in self:
            mirrored._show_index_of(known.get(mirrored.model))

    def _show_index_of(self, status):
        status = status or {}
        self.write(
            {
                "is_searchable": bool(status),
                "found_count": status.get("searchable", 0),
                "waiting_count": status.get("waiting", 0),
                "unembedded_count": status.get("failed", 0),
                "embedded_fields": ", ".join(
                    status.get("configuration", {}).get("field_names", [])
                ),
                "index_error": status.get("last_error", ""),
            }
        )
        if status and not self.similar_action_id:
            actions = self.env["ir.actions.server"]
            self.similar_action_id = actions.create(self._similar_list_action())
            self._translate_similar_action()
        elif not status:
            self.similar_action_id.unlink()

    def _similar_list_action(self):
        return {
            "name": "Similar Records",
            "model_id": self.model_id.id,
            "binding_model_id": self.model_id.id,
            "binding_view_types": "list,form",
            "group_ids": [(6, 0, self.env.ref("sluice.group_user").ids)],
            "state": "code",
            "code": "action = env['sluice.search']._similar_action(records[:1])",
        }

    def _translate_similar_action(self):
        for language, _name in self.env["res.lang"].get_installed():
            env = self.with_context(lang=language).env
            action = self.similar_action_id.with_context(lang=language)
            action.name = env._("Similar Records")
