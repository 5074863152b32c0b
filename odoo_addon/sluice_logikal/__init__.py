# LOGIKAL projects in Odoo, as the Sluice server fetches them.
from . import models
from . import wizards
