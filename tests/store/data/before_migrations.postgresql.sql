CREATE TABLE deployments (
    id character varying NOT NULL,
    name character varying NOT NULL,
    live_name character varying,
    target character varying,
    state character varying NOT NULL,
    ports json NOT NULL,
    urls json NOT NULL,
    revision integer NOT NULL,
    live_revision integer NOT NULL,
    run_id character varying NOT NULL,
    error character varying NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL
);
CREATE TABLE events (
    id integer NOT NULL,
    deployment_id character varying NOT NULL,
    run_id character varying NOT NULL,
    at timestamp without time zone NOT NULL,
    step character varying NOT NULL,
    level character varying NOT NULL,
    message character varying NOT NULL,
    data json NOT NULL
);
CREATE SEQUENCE events_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE events_id_seq OWNED BY events.id;
CREATE TABLE parts (
    deployment_id character varying NOT NULL,
    meta_pipeline character varying NOT NULL,
    run_id character varying NOT NULL
);
CREATE TABLE revisions (
    deployment_id character varying NOT NULL,
    number integer NOT NULL,
    digest character varying NOT NULL,
    pipeline json NOT NULL,
    root_config json NOT NULL,
    created_at timestamp without time zone NOT NULL
);
CREATE TABLE runs (
    id character varying NOT NULL,
    root_job character varying NOT NULL,
    deployment_id character varying NOT NULL,
    kind character varying NOT NULL,
    pipeline json NOT NULL,
    revision integer NOT NULL,
    changed boolean NOT NULL,
    started_at timestamp without time zone NOT NULL,
    finished_at timestamp without time zone
);
ALTER TABLE ONLY events ALTER COLUMN id SET DEFAULT nextval('events_id_seq'::regclass);
INSERT INTO deployments VALUES ('rag-000001', 'rag', 'rag', 'local', 'live', '{"api": 4000}', '{"api": "http://127.0.0.1:4000"}', 2, 2, 'job-2', '', '2026-11-01 00:00:00', '2026-11-01 00:00:14');
INSERT INTO deployments VALUES ('churn-000002', 'churn', NULL, 'local', 'destroyed', '{"api": 4000}', '{"api": "http://127.0.0.1:4000"}', 1, 0, 'job-4', '', '2026-11-01 00:00:15', '2026-11-01 00:00:27');
INSERT INTO deployments VALUES ('desk-chat-000003', 'desk-chat', 'desk-chat', 'local', 'live', '{"api": 4000}', '{"api": "http://127.0.0.1:4000"}', 1, 1, 'job-5', '', '2026-11-01 00:00:28', '2026-11-01 00:00:35');
INSERT INTO deployments VALUES ('broken-000004', 'broken', 'broken', NULL, 'failed', '{}', '{}', 0, 0, 'job-6', 'no machine', '2026-11-01 00:00:36', '2026-11-01 00:00:40');
INSERT INTO events VALUES (1, 'rag-000001', 'job-1', '2026-11-01 00:00:05', 'apply_terraform', 'info', 'applied rag', '{"added": 1}');
INSERT INTO events VALUES (2, 'rag-000001', 'job-2', '2026-11-01 00:00:12', 'apply_terraform', 'info', 'applied rag', '{"added": 1}');
INSERT INTO events VALUES (3, 'churn-000002', 'job-3', '2026-11-01 00:00:20', 'apply_terraform', 'info', 'applied churn', '{"added": 1}');
INSERT INTO events VALUES (4, 'churn-000002', 'job-4', '2026-11-01 00:00:25', 'destroy_deployment', 'warning', 'it''s gone', '{}');
INSERT INTO events VALUES (5, 'desk-chat-000003', 'job-5', '2026-11-01 00:00:33', 'apply_terraform', 'info', 'applied desk-chat', '{"added": 1}');
INSERT INTO parts VALUES ('desk-chat-000003', 'desk', 'root-5');
INSERT INTO revisions VALUES ('rag-000001', 1, '031d5a5805d91b3465e11e3e97775dc0fa5102d575a77affd14b5ad6824e97dc', '{"name": "rag", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', '{"module": {"local": {"ports": {"api": 4000}}}}', '2026-11-01 00:00:03');
INSERT INTO revisions VALUES ('rag-000001', 2, 'e3007e9ac1e6ec3b33e778f6fe7bb1f340f79ffa04be2c3675c0fad12bccfecf', '{"name": "rag", "nodes": [{"id": "b", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', '{"module": {"local": {"ports": {"api": 4000}}}}', '2026-11-01 00:00:10');
INSERT INTO revisions VALUES ('churn-000002', 1, 'f1d43a8a411c5c74c4da4bf1dd11327ee98ef8d720a46d3508c9221c30cf6865', '{"name": "churn", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', '{"module": {"local": {"ports": {"api": 4000}}}}', '2026-11-01 00:00:18');
INSERT INTO revisions VALUES ('desk-chat-000003', 1, '1474a327318600b8a89e940b071da6447cad0d9bae3348ac74eb537fe89aaa7d', '{"name": "desk-chat", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', '{"module": {"local": {"ports": {"api": 4000}}}}', '2026-11-01 00:00:31');
INSERT INTO runs VALUES ('job-1', 'root-job-1', 'rag-000001', 'deploy', '{"name": "rag", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', 1, true, '2026-11-01 00:00:02', '2026-11-01 00:00:06');
INSERT INTO runs VALUES ('job-2', 'root-job-2', 'rag-000001', 'deploy', '{"name": "rag", "nodes": [{"id": "b", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', 2, true, '2026-11-01 00:00:09', '2026-11-01 00:00:13');
INSERT INTO runs VALUES ('job-3', 'root-job-3', 'churn-000002', 'deploy', '{"name": "churn", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', 1, true, '2026-11-01 00:00:17', '2026-11-01 00:00:21');
INSERT INTO runs VALUES ('job-4', 'root-job-4', 'churn-000002', 'destroy', '{}', 1, false, '2026-11-01 00:00:24', '2026-11-01 00:00:26');
INSERT INTO runs VALUES ('job-5', 'root-5', 'desk-chat-000003', 'deploy', '{"name": "desk-chat", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', 1, true, '2026-11-01 00:00:30', '2026-11-01 00:00:34');
INSERT INTO runs VALUES ('job-6', 'root-6', 'broken-000004', 'deploy', '{"name": "broken", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}', 0, false, '2026-11-01 00:00:38', '2026-11-01 00:00:39');
SELECT pg_catalog.setval('events_id_seq', 5, true);
ALTER TABLE ONLY deployments
    ADD CONSTRAINT deployments_live_name_key UNIQUE (live_name);
ALTER TABLE ONLY deployments
    ADD CONSTRAINT deployments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY parts
    ADD CONSTRAINT parts_pkey PRIMARY KEY (deployment_id);
ALTER TABLE ONLY revisions
    ADD CONSTRAINT revisions_deployment_id_digest_key UNIQUE (deployment_id, digest);
ALTER TABLE ONLY revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (deployment_id, number);
ALTER TABLE ONLY runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
CREATE INDEX ix_deployments_name ON deployments USING btree (name);
CREATE INDEX ix_events_deployment_id ON events USING btree (deployment_id);
CREATE INDEX ix_events_run_id ON events USING btree (run_id);
CREATE INDEX ix_parts_meta_pipeline ON parts USING btree (meta_pipeline);
CREATE INDEX ix_runs_deployment_id ON runs USING btree (deployment_id);
CREATE INDEX ix_runs_root_job ON runs USING btree (root_job);
ALTER TABLE ONLY events
    ADD CONSTRAINT events_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id);
ALTER TABLE ONLY parts
    ADD CONSTRAINT parts_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id);
ALTER TABLE ONLY revisions
    ADD CONSTRAINT revisions_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id);
ALTER TABLE ONLY runs
    ADD CONSTRAINT runs_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES deployments(id);
