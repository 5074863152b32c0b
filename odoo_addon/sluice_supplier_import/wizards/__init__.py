# The upload of a price list, step by step.
from . import supplier_import_file
from . import supplier_import_upload
from . import supplier_import_upload_column
from . import supplier_import_several
from . import supplier_import_several_line
