# Projects, what they consist of, and what the server calls.
from . import sluice_logikal_project
from . import sluice_logikal_project_jobs
from . import sluice_logikal_phase
from . import sluice_logikal_elevation
from . import sluice_logikal_line
from . import sluice_logikal_batch
from . import sluice_job
from . import sluice_relay
from . import sale_order
from . import sale_order_line
