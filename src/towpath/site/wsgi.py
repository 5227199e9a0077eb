"""The WSGI application that granian serves."""

import os
import threading

from django.core.wsgi import get_wsgi_application

from towpath.analytics.warm import warm
from towpath.foundation.operations.lean import leave_out_pandas

STARTED_AFTER_S = 2.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
leave_out_pandas()
application = get_wsgi_application()

# Compiled kernels take half a second to load. Nobody should wait for them at the first funnel, nor for the
# first answer while they load.
_warming = threading.Timer(STARTED_AFTER_S, warm)
_warming.daemon = True
_warming.start()
