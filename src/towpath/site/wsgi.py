"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from towpath.foundation.operations.lean import leave_out_pandas

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
leave_out_pandas()
application = get_wsgi_application()
