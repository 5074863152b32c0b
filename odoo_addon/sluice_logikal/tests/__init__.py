# What the addon for LOGIKAL promises.
from . import test_access
from . import test_batch
from . import test_quotation
from . import test_sync
from . import test_translation
