#!/bin/sh
# Would install a version; the key lets it be told from the one that it did before.
echo "$REM_PARAM_HOST gets $REM_PARAM_VERSION ($REM_KEY)"
