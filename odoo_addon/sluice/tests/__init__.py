# What the fence, the ledger and the public face of the addon promise.
from . import test_api
from . import test_fence
from . import test_ledger
from . import test_outcomes
from . import test_row_ranges
from . import test_job
from . import test_mirror
from . import test_mirror_screen
from . import test_outbox
from . import test_pace
from . import test_relay
from . import test_wire
from . import test_connection
from . import test_translation
from . import test_screens
from . import test_renewal
