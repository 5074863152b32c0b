# From a supplier's page through the wizard to the running import.
import base64
from pathlib import Path

import wizard


def import_list(window, told):
    """Returns the meanings that were suggested for the columns, and the counts of the preview."""
    window.open(f"res.partner/{told['supplier']}", ".o_form_view")
    window.picture("supplier")
    wizard.open_from_supplier(window)
    window.page.wait_for_selector(".o_sluice_list_file")
    window.picture("wizard-empty")
    wizard.drop_list_in_pieces(window, told["file_name"], base64.b64encode(Path(told["list"]).read_bytes()).decode())
    window.picture("wizard-list")
    columns = wizard.read_list(window)
    window.picture("wizard-columns")
    wizard.open_choices(window)
    window.picture("wizard-choices")
    counts = wizard.preview(window)
    window.picture("wizard-preview")
    wizard.start_import(window)
    return columns, counts
