# The upload of a price list, step by step.
from . import supplier_import_upload
from . import supplier_import_upload_column
