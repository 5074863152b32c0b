"""Finds the supplier that a person named by id, reference or name."""

MOST = 10


def find_candidates(env, reference):
    """At most ten partners that `reference` may mean, of the first kind that finds any:
    id, reference, exact name.
    """
    partners = env["res.partner"].with_context(active_test=False)
    text = str(reference).strip()
    if not text:
        return []
    found = (
        partners.browse(int(text)).exists()
        if text.isdecimal() and int(text) < 2**31
        else partners
    )
    found = found or partners.search([("ref", "=", text)], limit=MOST)
    if not found:
        # `=ilike` takes % and _ for wildcards, in a name they are just letters.
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found = partners.search([("name", "=ilike", escaped)], limit=MOST)
    with_lines = {
        partner.id
        for (partner,) in env["product.supplierinfo"]._read_group(
            [("partner_id", "in", found.ids)], ["partner_id"]
        )
    }
    return [
        {
            "id": partner.id,
            "name": partner.name or False,
            "ref": partner.ref or False,
            "active": partner.active,
            "is_supplier": _is_supplier(partner, with_lines),
            "company_id": partner.company_id.id or False,
        }
        for partner in found
    ]


def _is_supplier(partner, with_lines):
    # The rank comes with invoicing; without it nothing tells suppliers from others.
    if "supplier_rank" not in partner._fields:
        return True
    return partner.supplier_rank > 0 or partner.id in with_lines
