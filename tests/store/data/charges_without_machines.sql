-- Revision 2 replaced revision 1 on rented machines, and the old machine would not end.
INSERT INTO attempts (name, deployment_id, number, provider, offer, order_digest, state, machine_id, hourly_usd, reason, created_at, updated_at) VALUES
  ('rag.1', 'rag-000001', 1, 'RunPod', '{"target": "runpod", "name": "A10", "hourly_usd": 0.4}', 'one', 'ending', 'pod-1', 0.4, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  ('rag.2', 'rag-000001', 2, 'RunPod', '{"target": "runpod", "name": "L4", "hourly_usd": 0.5}', 'two', 'rented', 'pod-2', 0.5, '', '2026-01-01 02:00:00', '2026-01-01 02:00:00'),
  ('rag.3', 'rag-000001', 3, 'RunPod', '{"target": "runpod", "name": "L4", "hourly_usd": 0.5}', 'two', 'gone', '', 0.0, '', '2026-01-01 02:00:00', '2026-01-01 02:00:00');
INSERT INTO charges (deployment_id, revision, price, since, until) VALUES
  ('rag-000001', 1, '{"target": "runpod", "offer": "A10", "hourly_usd": 0.4}', '2026-01-01 00:00:00', '2026-01-01 02:30:00'),
  ('rag-000001', 2, '{"target": "runpod", "offer": "L4", "hourly_usd": 0.5}', '2026-01-01 02:00:00', NULL);
