output "deployment_id" {
  value       = var.deployment_id
  description = "As given."
}

output "pod_id" {
  value       = runpod_pod.server.id
  description = "The machine at RunPod."
}

output "endpoint_url" {
  value       = local.url
  description = "Where the server answers, by RunPod's public proxy; it cuts a request after 100 s, so stream."
}

output "service_urls" {
  value       = { api = local.url, health = "${local.url}${var.health_path}" }
  description = "The server, and where to ask whether it is up: a running machine is not yet a server that answers."
}

output "hourly_usd" {
  value       = runpod_pod.server.cost
  description = "What the machine costs while it runs."
}

output "host" {
  value       = { connection = "none" }
  description = "Nothing is configured on the host: the image is complete."
}
