# What the browser calls beside the ORM.
from . import price_list_file
