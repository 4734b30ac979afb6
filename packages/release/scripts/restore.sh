#!/bin/sh
# Would bring back the version from before.
echo "$REM_PARAM_HOST goes back"
