"""Every migration, oldest first. The last one's revision is what this version reads and writes."""

from .migration import Migration
from .r0001_first_tables import MIGRATION as FIRST_TABLES
from .r0002_machines import MIGRATION as MACHINES

MIGRATIONS: tuple[Migration, ...] = (FIRST_TABLES, MACHINES)
