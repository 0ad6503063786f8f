output "deployment_id" {
  value       = terraform_data.machine.output.deployment_id
  description = "As given, once it is recorded."
}

output "machine_id" {
  value       = terraform_data.machine.output.id
  description = "Its provider's id of the machine."
}

output "endpoint_url" {
  value       = terraform_data.machine.output.url
  description = "Where the server answers, publicly: by its provider's proxy or its host's own address."
}

output "service_urls" {
  value       = { api = terraform_data.machine.output.url, health = terraform_data.machine.output.health_url }
  description = "The server, and where to ask whether it is up: a running machine is not yet a server that answers."
}

output "hourly_usd" {
  value       = terraform_data.machine.output.hourly_usd
  description = "What the machine costs while it runs."
}

output "host" {
  value       = { connection = "none" }
  description = "Nothing is configured on the host: the image is complete."
}
