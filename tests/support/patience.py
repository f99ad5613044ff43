"""How long those wait who give up, and how long a provider hangs that nobody waits for.

A whole process can stand still for half a second on a busy machine. Whoever gives up sooner has gone before the
provider heard of them, and what was to befall their call befalls the next.
"""

from typing import Final

IMPATIENT_S: Final = 2.0
HANGS_S: Final = 6.0
