"""The options of an import, checked once per call and turned into what the other steps
need.
"""

from dataclasses import dataclass

from odoo.exceptions import AccessError, UserError

MATCHES = ("barcode", "default_code", "product_code")
POLICIES = ("error", "create", "skip")


@dataclass(frozen=True)
class Options:
    """What holds for every row of a list."""

    company_id: int
    # Companies whose lines are this list's lines; shared lines count where there is
    # just one company.
    line_companies: tuple
    currency: str
    match: tuple
    unknown: str
    reactivate: bool


def parse_options(env, given):
    """Checks the options of a call; raises UserError or AccessError in words that name
    the option.
    """
    given = dict(given or {})
    company = _company(env, given.pop("company_id", None))
    currency = given.pop("currency", None) or company.currency_id.name
    match = tuple(given.pop("match", None) or MATCHES)
    unknown = given.pop("unknown", None) or "error"
    reactivate = bool(given.pop("reactivate", False))
    if given:
        raise UserError(
            env._("Unknown import options: %(names)s.", names=", ".join(sorted(given)))
        )
    if not set(match) <= set(MATCHES):
        raise UserError(
            env._("The option match takes %(known)s.", known=", ".join(MATCHES))
        )
    if unknown not in POLICIES:
        raise UserError(
            env._("The option unknown takes %(known)s.", known=", ".join(POLICIES))
        )
    shared = (
        (False,) if env["res.company"].sudo().search_count([], limit=2) == 1 else ()
    )
    return Options(
        company.id, (company.id, *shared), currency, match, unknown, reactivate
    )


def _company(env, company_id):
    if not company_id:
        return env.company.sudo()
    if not env.su and company_id not in env.user.sudo()._get_company_ids():
        raise AccessError(
            env._(
                "%(user)s may not work for company %(company)s.",
                user=env.user.login,
                company=company_id,
            )
        )
    company = env["res.company"].sudo().browse(company_id).exists()
    if not company:
        raise UserError(env._("There is no company %(company)s.", company=company_id))
    return company


def find_supplier(env, supplier):
    """The supplier of a list as a superuser record; raises UserError when there is
    none.
    """
    partner = (
        env["res.partner"]
        .sudo()
        .browse(supplier if isinstance(supplier, int) else 0)
        .exists()
    )
    if not partner:
        raise UserError(
            env._("There is no supplier %(supplier)s in Odoo.", supplier=repr(supplier))
        )
    return partner
