# The models of the addon.
from . import product_supplierinfo
from . import res_company
from . import res_partner
from . import sluice_api
from . import sluice_relay
from . import sluice_supplier_batch
from . import supplier_import_choices
from . import supplier_import
from . import supplier_import_failed_rows
from . import supplier_import_error
from . import supplier_import_schedule
from . import supplier_import_schedule_keeping
