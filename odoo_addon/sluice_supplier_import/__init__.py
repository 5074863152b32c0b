# Supplier price lists: what the server calls, and the screens of the people who buy.
from . import controllers
from . import models
from . import wizards
