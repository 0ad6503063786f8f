BEGIN TRANSACTION;
CREATE TABLE deployments (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	live_name VARCHAR, 
	target VARCHAR, 
	state VARCHAR NOT NULL, 
	ports JSON NOT NULL, 
	urls JSON NOT NULL, 
	revision INTEGER NOT NULL, 
	live_revision INTEGER NOT NULL, 
	run_id VARCHAR NOT NULL, 
	error VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (live_name)
);
INSERT INTO "deployments" VALUES('rag-000001','rag','rag','local','live','{"api": 4000}','{"api": "http://127.0.0.1:4000"}',2,2,'job-2','','2026-11-01 00:00:00.000000','2026-11-01 00:00:14.000000');
INSERT INTO "deployments" VALUES('churn-000002','churn',NULL,'local','destroyed','{"api": 4000}','{"api": "http://127.0.0.1:4000"}',1,0,'job-4','','2026-11-01 00:00:15.000000','2026-11-01 00:00:27.000000');
INSERT INTO "deployments" VALUES('desk-chat-000003','desk-chat','desk-chat','local','live','{"api": 4000}','{"api": "http://127.0.0.1:4000"}',1,1,'job-5','','2026-11-01 00:00:28.000000','2026-11-01 00:00:35.000000');
INSERT INTO "deployments" VALUES('broken-000004','broken','broken',NULL,'failed','{}','{}',0,0,'job-6','no machine','2026-11-01 00:00:36.000000','2026-11-01 00:00:40.000000');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	deployment_id VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	step VARCHAR NOT NULL, 
	level VARCHAR NOT NULL, 
	message VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(deployment_id) REFERENCES deployments (id)
);
INSERT INTO "events" VALUES(1,'rag-000001','job-1','2026-11-01 00:00:05.000000','apply_terraform','info','applied rag','{"added": 1}');
INSERT INTO "events" VALUES(2,'rag-000001','job-2','2026-11-01 00:00:12.000000','apply_terraform','info','applied rag','{"added": 1}');
INSERT INTO "events" VALUES(3,'churn-000002','job-3','2026-11-01 00:00:20.000000','apply_terraform','info','applied churn','{"added": 1}');
INSERT INTO "events" VALUES(4,'churn-000002','job-4','2026-11-01 00:00:25.000000','destroy_deployment','warning','it''s gone','{}');
INSERT INTO "events" VALUES(5,'desk-chat-000003','job-5','2026-11-01 00:00:33.000000','apply_terraform','info','applied desk-chat','{"added": 1}');
CREATE TABLE parts (
	deployment_id VARCHAR NOT NULL, 
	meta_pipeline VARCHAR NOT NULL, 
	run_id VARCHAR NOT NULL, 
	PRIMARY KEY (deployment_id), 
	FOREIGN KEY(deployment_id) REFERENCES deployments (id)
);
INSERT INTO "parts" VALUES('desk-chat-000003','desk','root-5');
CREATE TABLE revisions (
	deployment_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	pipeline JSON NOT NULL, 
	root_config JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (deployment_id, number), 
	UNIQUE (deployment_id, digest), 
	FOREIGN KEY(deployment_id) REFERENCES deployments (id)
);
INSERT INTO "revisions" VALUES('rag-000001',1,'031d5a5805d91b3465e11e3e97775dc0fa5102d575a77affd14b5ad6824e97dc','{"name": "rag", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}','{"module": {"local": {"ports": {"api": 4000}}}}','2026-11-01 00:00:03.000000');
INSERT INTO "revisions" VALUES('rag-000001',2,'e3007e9ac1e6ec3b33e778f6fe7bb1f340f79ffa04be2c3675c0fad12bccfecf','{"name": "rag", "nodes": [{"id": "b", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}','{"module": {"local": {"ports": {"api": 4000}}}}','2026-11-01 00:00:10.000000');
INSERT INTO "revisions" VALUES('churn-000002',1,'f1d43a8a411c5c74c4da4bf1dd11327ee98ef8d720a46d3508c9221c30cf6865','{"name": "churn", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}','{"module": {"local": {"ports": {"api": 4000}}}}','2026-11-01 00:00:18.000000');
INSERT INTO "revisions" VALUES('desk-chat-000003',1,'1474a327318600b8a89e940b071da6447cad0d9bae3348ac74eb537fe89aaa7d','{"name": "desk-chat", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}','{"module": {"local": {"ports": {"api": 4000}}}}','2026-11-01 00:00:31.000000');
CREATE TABLE runs (
	id VARCHAR NOT NULL, 
	root_job VARCHAR NOT NULL, 
	deployment_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	pipeline JSON NOT NULL, 
	revision INTEGER NOT NULL, 
	changed BOOLEAN NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(deployment_id) REFERENCES deployments (id)
);
INSERT INTO "runs" VALUES('job-1','root-job-1','rag-000001','deploy','{"name": "rag", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}',1,1,'2026-11-01 00:00:02.000000','2026-11-01 00:00:06.000000');
INSERT INTO "runs" VALUES('job-2','root-job-2','rag-000001','deploy','{"name": "rag", "nodes": [{"id": "b", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}',2,1,'2026-11-01 00:00:09.000000','2026-11-01 00:00:13.000000');
INSERT INTO "runs" VALUES('job-3','root-job-3','churn-000002','deploy','{"name": "churn", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}',1,1,'2026-11-01 00:00:17.000000','2026-11-01 00:00:21.000000');
INSERT INTO "runs" VALUES('job-4','root-job-4','churn-000002','destroy','{}',1,0,'2026-11-01 00:00:24.000000','2026-11-01 00:00:26.000000');
INSERT INTO "runs" VALUES('job-5','root-5','desk-chat-000003','deploy','{"name": "desk-chat", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}',1,1,'2026-11-01 00:00:30.000000','2026-11-01 00:00:34.000000');
INSERT INTO "runs" VALUES('job-6','root-6','broken-000004','deploy','{"name": "broken", "nodes": [{"id": "a", "component": "documents", "config": {}}], "edges": [], "compute": {"gpu": null, "cpus": null, "memory_gb": null, "disk_gb": null, "max_hourly_usd": null}}',0,0,'2026-11-01 00:00:38.000000','2026-11-01 00:00:39.000000');
CREATE INDEX ix_deployments_name ON deployments (name);
CREATE INDEX ix_runs_deployment_id ON runs (deployment_id);
CREATE INDEX ix_runs_root_job ON runs (root_job);
CREATE INDEX ix_parts_meta_pipeline ON parts (meta_pipeline);
CREATE INDEX ix_events_run_id ON events (run_id);
CREATE INDEX ix_events_deployment_id ON events (deployment_id);
COMMIT;
