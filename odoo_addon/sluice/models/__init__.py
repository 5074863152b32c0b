# The models of the addon.
from . import ir_attachment
from . import ir_websocket
from . import res_company
from . import res_config_settings
from . import sluice_api
from . import sluice_connection
from . import sluice_fence
from . import sluice_ledger
from . import sluice_mirror
from . import sluice_mirror_model
from . import sluice_mirror_jobs
from . import sluice_mirror_search
from . import sluice_search
from . import sluice_job
from . import sluice_job_story
from . import sluice_relay
