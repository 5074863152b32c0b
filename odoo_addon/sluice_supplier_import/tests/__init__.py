# What the import of a supplier's price list promises.
from . import test_access
from . import test_apply
from . import test_bisect
from . import test_line_key
from . import test_matching
from . import test_preview
from . import test_replay
from . import test_screens_access
from . import test_supplier_import
from . import test_sweep_finish
from . import test_translation
from . import test_unknown_products
from . import test_upload
from . import test_large_list
from . import test_several
from . import test_schedule
from . import test_renewal_while_running
