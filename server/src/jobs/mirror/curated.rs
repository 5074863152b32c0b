//! The fields of well-known models that people ask for. What an Odoo does not have is left out and reported.

const ALWAYS: &str = "create_date write_date";

/// Models with their fields.
const LISTS: [(&str, &str); 17] = [
    (
        "res.company",
        "name partner_id parent_id currency_id email phone website vat company_registry street \
         street2 zip city state_id country_id active",
    ),
    (
        "res.users",
        "login name email partner_id company_id lang tz active",
    ),
    (
        "res.partner",
        "name complete_name active type is_company parent_id commercial_partner_id email phone \
         website street street2 city state_id zip country_id function vat company_registry \
         industry_id company_id user_id lang tz category_id ref barcode comment color employee \
         partner_share customer_rank supplier_rank",
    ),
    (
        "product.template",
        "name active type default_code categ_id uom_id list_price sale_ok purchase_ok company_id \
         description description_sale description_purchase weight volume sequence",
    ),
    (
        "product.product",
        "product_tmpl_id active default_code barcode combination_indices weight volume \
         product_template_attribute_value_ids",
    ),
    (
        "product.category",
        "name complete_name parent_id parent_path",
    ),
    (
        "product.supplierinfo",
        "partner_id product_tmpl_id product_id product_code product_name min_qty price discount \
         currency_id delay date_start date_end company_id sequence",
    ),
    (
        "crm.lead",
        "name active type partner_id partner_name contact_name email_from phone stage_id team_id \
         user_id company_id expected_revenue probability priority date_open date_closed \
         date_deadline lost_reason_id tag_ids city country_id",
    ),
    (
        "sale.order",
        "name state date_order validity_date commitment_date locked partner_id partner_invoice_id \
         partner_shipping_id client_order_ref amount_untaxed amount_tax amount_total currency_id \
         pricelist_id note origin reference company_id user_id team_id payment_term_id \
         fiscal_position_id invoice_status signed_by signed_on",
    ),
    (
        "sale.order.line",
        "order_id sequence name display_type product_id product_uom_id product_uom_qty price_unit \
         discount price_subtotal price_tax price_total qty_delivered qty_invoiced qty_to_invoice \
         invoice_status currency_id company_id order_partner_id salesman_id state tax_ids \
         customer_lead",
    ),
    (
        "purchase.order",
        "name state date_order date_planned date_approve partner_id partner_ref amount_untaxed \
         amount_tax amount_total currency_id note origin company_id user_id payment_term_id \
         fiscal_position_id invoice_status",
    ),
    (
        "purchase.order.line",
        "order_id sequence name display_type product_id product_uom_id product_qty price_unit \
         discount price_subtotal price_tax price_total qty_received qty_invoiced date_planned \
         currency_id company_id partner_id state tax_ids",
    ),
    (
        "account.account",
        "name code_store account_type active reconcile currency_id company_ids note",
    ),
    (
        "account.journal",
        "name code type active company_id currency_id sequence",
    ),
    (
        "account.move",
        "name move_type state payment_state date invoice_date invoice_date_due partner_id \
         commercial_partner_id partner_shipping_id partner_bank_id amount_untaxed amount_tax \
         amount_total amount_residual amount_untaxed_signed amount_total_signed currency_id ref \
         narration company_id journal_id fiscal_position_id invoice_user_id team_id \
         invoice_incoterm_id auto_post invoice_origin payment_reference reversed_entry_id",
    ),
    (
        "account.move.line",
        "move_id sequence name date display_type account_id partner_id product_id quantity \
         price_unit discount price_subtotal price_total debit credit balance amount_currency \
         amount_residual currency_id company_id journal_id parent_state date_maturity tax_ids \
         tax_line_id full_reconcile_id reconciled",
    ),
    (
        "hr.employee",
        "name active work_email work_phone mobile_phone job_title job_id department_id parent_id \
         coach_id company_id user_id resource_id resource_calendar_id address_id work_location_id \
         work_contact_id employee_type tz",
    ),
];

/// The list of a model; none for models that are not well known.
pub(super) fn fields_of(model: &str) -> Option<Vec<&'static str>> {
    let (_, own) = LISTS.iter().find(|(name, _)| *name == model)?;
    Some(
        own.split_whitespace()
            .chain(ALWAYS.split_whitespace())
            .collect(),
    )
}
