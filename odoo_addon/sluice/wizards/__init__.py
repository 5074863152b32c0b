# Small windows of the mirror.
from . import sluice_mirror_add
from . import sluice_mirror_overview
from . import sluice_mirror_overview_line
