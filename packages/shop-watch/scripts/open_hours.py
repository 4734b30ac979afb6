#!/usr/bin/env python3
"""Whether a slow front page counts: only from 08:00 to 20:00 in Berlin, not on Sundays.

The window is a JSON document on standard input; its `until` is the moment in question, with its offset. Exit status 0:
nobody minds. 2: it is a breach. 3: the window cannot be read.
"""

import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

try:
    until = datetime.fromisoformat(json.load(sys.stdin)["until"]).astimezone(ZoneInfo("Europe/Berlin"))
except (ValueError, KeyError, TypeError) as error:
    print(f"the window has no moment that can be read: {error}")
    sys.exit(3)
sys.exit(2 if until.weekday() < 6 and 8 <= until.hour < 20 else 0)
