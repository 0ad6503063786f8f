create table if not exists meta (key text primary key, value text not null);

-- Things with one state a path: folders, resources, resource types, variables, triggers.
create table if not exists item (
  kind text not null, workspace text not null, path text not null,
  doc text not null, edited_at real not null,
  primary key (kind, workspace, path)
);

-- Things with a history: scripts and flows. The head is the newest row of a path.
create table if not exists version (
  seq integer primary key autoincrement,
  kind text not null, workspace text not null, path text not null, hash text not null,
  doc text not null, created_at real not null, archived integer not null default 0
);
create index if not exists version_path on version (kind, workspace, path, seq);
create index if not exists version_hash on version (kind, workspace, hash);

-- What scripts carry, by a digest of it.
create table if not exists module_set (digest text primary key, modules text not null);

create table if not exists job (
  seq integer primary key autoincrement,
  id text not null unique,
  workspace text not null, kind text not null, path text, runnable text, language text, tag text,
  args text not null default '{}', preprocesses integer not null default 0, code text, lock text, modules text, flow text, timeout real,
  parent text, root text, innermost text, step_id text,
  created_at real not null, scheduled_for real not null, started_at real, completed_at real,
  state text not null default 'queued' check (state in ('queued', 'running', 'done')),
  success integer, skipped integer not null default 0, result text,
  canceled_by text, canceled_reason text,
  flow_status text, wake_at real, suspend integer not null default 0,
  pid integer, token text, progress integer,
  user_state text not null default '{}', schedule_path text, created_by text not null default 'admin'
);
create index if not exists job_queue on job (scheduled_for, seq) where state = 'queued';
create index if not exists job_running on job (kind) where state = 'running';
create index if not exists job_done on job (success) where state = 'done';
create index if not exists job_wake on job (wake_at) where state = 'running' and wake_at is not null;
create index if not exists job_token on job (token) where token is not null;
create index if not exists job_parent on job (parent) where parent is not null;
create index if not exists job_step on job (innermost, step_id) where innermost is not null;
create index if not exists job_path on job (workspace, path, created_at);
create index if not exists job_schedule on job (schedule_path, state) where schedule_path is not null;
create index if not exists job_created on job (workspace, created_at);

create table if not exists log (
  seq integer primary key autoincrement, job text not null, text text not null
);
create index if not exists log_job on log (job, seq);

create table if not exists resume (
  seq integer primary key autoincrement,
  job text not null, resume_id integer not null, value text not null,
  approver text not null, approved integer not null, created_at real not null,
  unique (job, resume_id)
);
