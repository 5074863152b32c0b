# The addon's parts that Odoo loads.
from . import models
from . import wizards
