# The models of the addon.
from . import product_supplierinfo
from . import res_partner
from . import sluice_api
from . import sluice_supplier_batch
from . import supplier_import
from . import supplier_import_error
