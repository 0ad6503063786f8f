"""Every migration, oldest first. The last one's revision is what this version reads and writes."""

from .migration import Migration
from .r0001_first_tables import MIGRATION as FIRST_TABLES
from .r0002_machines import MIGRATION as MACHINES
from .r0003_places import MIGRATION as PLACES
from .r0004_sealed import MIGRATION as SEALED
from .r0005_attempts import MIGRATION as ATTEMPTS
from .r0006_charges import MIGRATION as CHARGES
from .r0007_charged_machines import MIGRATION as CHARGED_MACHINES
from .r0008_outbox import MIGRATION as OUTBOX

MIGRATIONS: tuple[Migration, ...] = (
    FIRST_TABLES,
    MACHINES,
    PLACES,
    SEALED,
    ATTEMPTS,
    CHARGES,
    CHARGED_MACHINES,
    OUTBOX,
)
