# Where LOGIKAL is.
from . import sluice_logikal_site
