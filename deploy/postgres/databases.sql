-- A role and a database for each program. No role is a superuser, and none may connect to another's database.
-- psql runs it once, when the volume is empty; a password that is too weak stops it.
\set ON_ERROR_STOP on
\getenv windmill_password WINDMILL_DB_PASSWORD
\getenv n8n_password N8N_DB_PASSWORD
\getenv registry_password REGISTRY_DB_PASSWORD
\getenv gateway_password GATEWAY_DB_PASSWORD

create temporary table given (role text, password text);
insert into given values
  ('windmill', :'windmill_password'),
  ('n8n', :'n8n_password'),
  ('registry', :'registry_password'),
  ('gateway', :'gateway_password');
-- Letters and digits, for they become part of an address.
select count(*) filter (where password !~ '^[A-Za-z0-9]{24,}$') > 0 as weak,
       count(*) <> count(distinct password) as shared
from given \gset
\if :weak
  \warn 'databases.sql: each *_DB_PASSWORD needs 24 letters and digits or more: openssl rand -hex 32'
  select 1 / 0 as too_weak;
\endif
\if :shared
  \warn 'databases.sql: each *_DB_PASSWORD needs a value of its own: openssl rand -hex 32'
  select 1 / 0 as shared;
\endif
drop table given;

create role windmill login password :'windmill_password';
create role n8n login password :'n8n_password';
create role registry login password :'registry_password';
create role gateway login password :'gateway_password';

create database windmill owner windmill;
create database n8n owner n8n;
-- Where deployments are registered: the gateway and jobs know it.
create database registry owner registry;
-- Access keys, sessions and the audit log: no job knows it.
create database gateway owner gateway;

revoke all on database windmill, n8n, registry, gateway, postgres, template1 from public;

-- What Windmill documents for a database user that is no superuser:
-- https://www.windmill.dev/docs/advanced/self_host#run-windmill-without-using-a-postgres-superuser
create role windmill_user;
create role windmill_admin bypassrls;
grant windmill_user to windmill_admin;
grant windmill_user, windmill_admin to windmill;
\connect windmill
grant usage on schema public to windmill_user, windmill_admin;
grant all on all tables in schema public to windmill_user;
grant all on all sequences in schema public to windmill_user;
alter default privileges for role windmill in schema public grant all on tables to windmill_user;
alter default privileges for role windmill in schema public grant all on sequences to windmill_user;
