# The models of the addon, in the order of their use.
from . import sluice_api
from . import sluice_fence
from . import sluice_ledger
