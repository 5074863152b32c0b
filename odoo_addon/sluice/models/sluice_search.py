# The search: finds records by what they mean or by their words, and tells each person
# of those only that this person may read at this moment.
from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..wire import Client
from ..wire.errors import ServerError

# The bytes of a text that the server takes.
LONGEST = 8_000
HITS = 20
# The most that is shown, and the most that the server looks up.
MOST_SHOWN = 50
MOST_ASKED = 200
# So many are asked for in place of one, as some may not be shown to everybody.
SPARE = 3
# A search by words needs no embedder, so it works without one.
WITHOUT_EMBEDDER = ("EMBEDDER_UNREACHABLE", "EMBEDDER_REFUSED", "EMBEDDER_ANSWER")


class SluiceSearch(models.AbstractModel):
    _name = "sluice.search"
    _description = "Sluice: search"

    @api.model
    def find(self, text, model_names=None, limit=HITS):
        """Records that fit a text, by model, the best first.

        `models` of the answer are those that this person can search, which
        `model_names` may narrow. Each of `groups` has a model and its `hits`: id, name,
        snippet, and whether words of the text occur in it. `by_words_only` is whether
        the embedder was away, so that meanings were left aside. An empty text finds
        nothing.
        """
        self._check_user()
        text = (text or "").strip()
        if len(text.encode()) > LONGEST:
            raise UserError(
                self.env._("This text is too long to search for: shorten it.")
            )
        client = Client(self.env)
        searchable = self._searchable(client)
        chosen = [
            name for name in searchable if model_names is None or name in model_names
        ]
        answer = {"models": self._named(searchable), "groups": []}
        answer["by_words_only"] = False
        if text and chosen:
            hits, by_words_only = self._found(client, text, searchable, chosen, limit)
            answer["groups"] = self._grouped(hits, searchable)
            answer["by_words_only"] = by_words_only
        return answer

    @api.model
    def similar(self, model, record_id, limit=HITS):
        """Records of the same model that mean much the same as this one, as `find`
        tells them; `name` is that of the record itself.
        """
        self._check_user()
        client = Client(self.env)
        searchable = self._searchable(client)
        # Whoever may not see the record is told nothing of its likes.
        if model not in searchable or not self._readable(model, [record_id]):
            raise AccessError(
                self.env._("You cannot search for records that are like this one.")
            )
        hits = self._shown(
            lambda count: client.similar(model, record_id, limit=count), limit
        )
        return {
            "models": self._named(searchable),
            "groups": self._grouped(hits, searchable),
            "by_words_only": False,
            "name": self._readable(model, [record_id]).display_name,
        }

    @api.model
    def _similar_action(self, record):
        """Shows what is like this record; called by an action of the model's lists."""
        record.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "sluice_search",
            "name": self.env._("Similar Records"),
            "params": {"model": record._name, "record_id": record.id},
        }

    @api.model
    def _check_user(self):
        if not self.env.user.has_group("sluice.group_user"):
            raise AccessError(
                self.env._("The search is for those with the right Sluice / User.")
            )

    @api.model
    def _searchable(self, client):
        """What this person can search: the embedded fields by model's name.

        A model that the person may read no record of is not there.
        """
        told = {
            one["configuration"]["model"]: one["configuration"]["field_names"]
            for one in client.search_status()["models"]
        }
        return {
            name: field_names
            for name, field_names in told.items()
            if name in self.env and self._records(name).has_access("read")
        }

    @api.model
    def _found(self, client, text, searchable, chosen, limit):
        """Hits of the chosen models, and whether they were found by words only.

        Words would give away what stands in a field that the person may not read,
        letter by letter. So models with such fields are searched by meaning only, and
        their hits stand behind the others.
        """
        closed = [name for name in chosen if self._is_closed(name, searchable[name])]
        open_names = [name for name in chosen if name not in closed]

        def asked(names, mode):
            return self._shown(
                lambda count: client.search(text, names, count, mode), limit
            )

        try:
            hits = asked(open_names, "BOTH") if open_names else []
            return hits + (asked(closed, "MEANING") if closed else []), False
        except ServerError as error:
            if error.reason not in WITHOUT_EMBEDDER or not open_names:
                raise
            return asked(open_names, "WORDS"), True

    @api.model
    def _shown(self, ask, limit):
        """The first hits that this person may read, of those that `ask` gives for a
        count: all that the server looks up if need be.
        """
        limit = max(1, min(limit, MOST_SHOWN))
        shown = []
        for count in sorted({min(limit * SPARE, MOST_ASKED), MOST_ASKED}):
            hits = ask(count)
            ids = {}
            for hit in hits:
                ids.setdefault(hit["model"], []).append(hit["odoo_id"])
            readable = {
                name: set(self._readable(name, some)._ids) for name, some in ids.items()
            }
            shown = [hit for hit in hits if hit["odoo_id"] in readable[hit["model"]]]
            if len(shown) >= limit or len(hits) < count:
                break
        return shown[:limit]

    @api.model
    def _grouped(self, hits, searchable):
        """Hits as a screen shows them, by model in the order of the best ones."""
        of_model = {}
        for hit in hits:
            of_model.setdefault(hit["model"], []).append(hit)
        groups = []
        for name, some in of_model.items():
            records = self._records(name).browse([hit["odoo_id"] for hit in some])
            silent = self._silent(records, searchable[name])
            told = [
                self._told(record, {} if record in silent else hit)
                for record, hit in zip(records, some, strict=True)
            ]
            groups += [{**one, "hits": told} for one in self._named([name])]
        return groups

    @api.model
    def _told(self, record, hit):
        name = record.display_name or ""
        return {
            "id": record.id,
            "name": name,
            "snippet": _telling(hit.get("snippet", ""), name),
            "by_words": hit.get("by_words", False),
        }

    @api.model
    def _named(self, names):
        model = self.env["ir.model"]
        named = [
            {"model": name, "name": model._get(name).sudo().name} for name in names
        ]
        return sorted(named, key=lambda one: one["name"].lower())

    @api.model
    def _records(self, name):
        """The model with the rights of the person who asks, and of nobody else."""
        return self.env[name].sudo(False).with_context(active_test=False)

    @api.model
    def _readable(self, name, ids):
        """Those of the records that are there and that this person may read now."""
        records = self._records(name)
        if not records.has_access("read"):
            return records
        found = records.search([("id", "in", ids)])
        return found._filtered_access("read")

    @api.model
    def _is_closed(self, name, field_names):
        """Whether the texts of a model may hold what this person may not read: fields
        of other groups, many names of a model that is closed, values of a company where
        the person is not at home, or nobody knows what.
        """
        if not field_names:
            return True
        records = self._records(name)
        companies = self.env["res.company"].sudo().search_count([])
        is_everywhere = len(self.env.user.company_ids) == companies
        for field_name in field_names:
            field = records._fields.get(field_name)
            if field is None or not records._has_field_access(field, "read"):
                return True
            if field.company_dependent and not is_everywhere:
                return True
            if field.type in ("one2many", "many2many"):
                if not self._records(field.comodel_name).has_access("read"):
                    return True
        return False

    @api.model
    def _silent(self, records, field_names):
        """Those of the records whose text may name what this person may not read.

        The one record of a many2one is named to all who may read the field, here as
        anywhere in Odoo.
        """
        if self._is_closed(records._name, field_names):
            return records
        silent = set()
        for field_name in field_names:
            field = records._fields[field_name]
            if field.type in ("one2many", "many2many"):
                named = {one: set(one.sudo()[field_name]._ids) for one in records}
                ids = list(set().union(*named.values()))
                visible = set(self._readable(field.comodel_name, ids)._ids)
                silent |= {one for one in records if named[one] - visible}
        return records.browse([one.id for one in silent])


def _telling(snippet, name):
    """The snippet in one line, without what only repeats the record's name."""
    lines = [line.strip() for line in snippet.splitlines()]
    return " · ".join(
        line for line in lines if line and line.partition(": ")[2].strip() != name
    )
